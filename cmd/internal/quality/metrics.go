package quality

import (
	"math"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// metric is one way in which a portrait follows its driver, judged by correlation.
type metric struct {
	name string
	bar  float64 // what the correlation should reach, 0: none is set
	rest float64 // a driver whose standard deviation is smaller does not move
	of   func(*motion.Features) float64
	in   func(*Row) *stats.Score
}

// metrics lists what is judged. A driver is at rest whose standard deviation is below three times that of the difference
// between two trackings of one clip, itself and a smaller copy compressed again: with less movement than that the tracker's
// noise alone would miss 0.95. Median difference over four clips: mouth 0.007, width 0.013, eyes 0.008, yaw 0.34, pitch 0.33,
// roll 0.17 degrees, gaze 0.016; roll is held to the degree of the other angles.
func metrics() []metric {
	const degree = math.Pi / 180
	return []metric{
		{"mouth", 0.95, 0.02, func(f *motion.Features) float64 { return f.MouthOpen }, func(r *Row) *stats.Score { return &r.MouthOpen }},
		{"width", 0, 0.04, func(f *motion.Features) float64 { return f.MouthWidth }, func(r *Row) *stats.Score { return &r.MouthWidth }},
		{
			"eyes", 0.85, 0.03, func(f *motion.Features) float64 { return (f.EyeOpen[0] + f.EyeOpen[1]) / 2 },
			func(r *Row) *stats.Score { return &r.EyeClosure },
		},
		{"yaw", 0.95, degree, func(f *motion.Features) float64 { return f.Yaw }, func(r *Row) *stats.Score { return &r.Yaw }},
		{"pitch", 0.95, degree, func(f *motion.Features) float64 { return f.Pitch }, func(r *Row) *stats.Score { return &r.Pitch }},
		{"roll", 0.95, degree, func(f *motion.Features) float64 { return f.Roll }, func(r *Row) *stats.Score { return &r.Roll }},
		{"gaze", 0.7, 0.05, func(f *motion.Features) float64 { return f.GazeX }, func(r *Row) *stats.Score { return &r.Gaze }},
	}
}

// correlate judges what came out against what went in, where that moves.
func (r *Row) correlate(in, out []motion.Features) {
	for _, m := range metrics() {
		a, b := make([]float64, len(in)), make([]float64, len(out))
		var sum, sq float64
		for i := range in {
			a[i], b[i] = m.of(&in[i]), m.of(&out[i])
			sum, sq = sum+a[i], sq+a[i]*a[i]
		}
		n := max(1, float64(len(in)))
		*m.in(r) = stats.Unknown()
		if math.Sqrt(max(0, sq/n-sum/n*sum/n)) >= m.rest {
			*m.in(r) = stats.Score(motion.Correlation(a, b))
		}
	}
}
