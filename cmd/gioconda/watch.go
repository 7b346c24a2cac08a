package main

import (
	"image"
	"math"
	"math/rand/v2"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// backgroundWatch counts changes of pixels that are well away from the person.
type backgroundWatch struct {
	first  []byte
	far    []bool // pixels further than a fifth of the picture from the person
	count  int
	differ []bool
}

func newBackgroundWatch(matte *image.Gray, size int) *backgroundWatch {
	b := &backgroundWatch{far: make([]bool, size*size), differ: make([]bool, size*size)}
	const cell = 16
	n := size / cell
	person := make([]bool, n*n)
	edge := matte.Bounds().Dx()
	for y := range edge {
		for x := range edge {
			if matte.Pix[y*matte.Stride+x] > 8 {
				person[y*n/edge*n+x*n/edge] = true
			}
		}
	}
	reach := n / 5
	for i := range b.far {
		cx, cy := i%size/cell, i/size/cell
		b.far[i] = true
		for y := max(0, cy-reach); y <= min(n-1, cy+reach) && b.far[i]; y++ {
			for x := max(0, cx-reach); x <= min(n-1, cx+reach); x++ {
				if person[y*n+x] {
					b.far[i] = false
					break
				}
			}
		}
		if b.far[i] {
			b.count++
		}
	}
	return b
}

func (b *backgroundWatch) see(f *frame.I420) {
	if b.first == nil {
		b.first = append([]byte(nil), f.Y...)
		return
	}
	for i, v := range f.Y {
		if b.far[i] && v != b.first[i] {
			b.differ[i] = true
		}
	}
}

// changed is the share of the far background that was ever different from the first frame.
func (b *backgroundWatch) changed() float64 {
	n := 0
	for _, d := range b.differ {
		if d {
			n++
		}
	}
	if b.count == 0 {
		return 0
	}
	return float64(n) / float64(b.count)
}

// stillness feeds one frame of the clip again and again, with the tracker's own noise added, and returns how far the
// portrait's landmarks stray from their mean: pixels rms in the drawn picture.
func stillness(sub *compositor.Subject, d *driver.Recording) (float64, error) {
	base := 0
	for base < len(d.Samples)-1 && d.Samples[base].Lost() {
		base++
	}
	o := drive.DefaultOptions()
	o.Life.Off = true
	stepper := pipeline.NewStepper(sub, nothing{}, o, 30, 1)
	rnd := rand.New(rand.NewPCG(3, 4))
	const frames, settle = 150, 60
	var sum, sq [landmark.Count][2]float64
	for i := range frames {
		s := d.Samples[base]
		// The tracker's noise, in units of the picture's width. Measured on one frame of each of five clips, tracked 100
		// times with sensor noise of 2/255 rms: 0.00030 rms on an axis (0.00020 to 0.00042; 0.00022 once H.264 has smoothed
		// the noise), of which 0.00013 moves the whole face at once.
		const own, shared = 0.00027, 0.00013
		dx, dy := shared*rnd.NormFloat64(), shared*rnd.NormFloat64()
		for k := range s.Points {
			s.Points[k].X += float32(dx + own*rnd.NormFloat64())
			s.Points[k].Y += float32(dy + own*rnd.NormFloat64())
			s.Points[k].Z += float32(own * rnd.NormFloat64())
		}
		if err := stepper.Step(&s, nil); err != nil {
			return 0, err
		}
		if i < settle {
			continue
		}
		for k := range sum {
			p := stepper.State().Head.Apply(stepper.State().Points[k])
			for c, v := range [2]float64{float64(p.X) * judgeSize, float64(p.Y) * judgeSize} {
				sum[k][c] += v
				sq[k][c] += v * v
			}
		}
	}
	var total float64
	for k := range sum {
		for c := range 2 {
			n := float64(frames - settle)
			mean := sum[k][c] / n
			total += max(0, sq[k][c]/n-mean*mean)
		}
	}
	return math.Sqrt(total / landmark.Count), nil
}

// metric is one way in which a portrait follows its driver, judged by correlation.
type metric struct {
	name string
	bar  float64 // what the correlation should reach, 0: none is set
	rest float64 // a driver whose standard deviation is smaller does not move
	of   func(*motion.Features) float64
	in   func(*fidelityRow) *stats.Score
}

// metrics lists what is judged. A driver is at rest whose standard deviation is below three times that of the difference
// between two trackings of one clip, itself and a smaller copy compressed again: with less movement than that the tracker's
// noise alone would miss 0.95. Median difference over four clips: mouth 0.007, width 0.013, eyes 0.008, yaw 0.34, pitch 0.33,
// roll 0.17 degrees, gaze 0.016; roll is held to the degree of the other angles.
func metrics() []metric {
	const degree = math.Pi / 180
	return []metric{
		{"mouth", 0.95, 0.02, func(f *motion.Features) float64 { return f.MouthOpen }, func(r *fidelityRow) *stats.Score { return &r.MouthOpen }},
		{"width", 0, 0.04, func(f *motion.Features) float64 { return f.MouthWidth }, func(r *fidelityRow) *stats.Score { return &r.MouthWidth }},
		{
			"eyes", 0.85, 0.03, func(f *motion.Features) float64 { return (f.EyeOpen[0] + f.EyeOpen[1]) / 2 },
			func(r *fidelityRow) *stats.Score { return &r.EyeClosure },
		},
		{"yaw", 0.95, degree, func(f *motion.Features) float64 { return f.Yaw }, func(r *fidelityRow) *stats.Score { return &r.Yaw }},
		{"pitch", 0.95, degree, func(f *motion.Features) float64 { return f.Pitch }, func(r *fidelityRow) *stats.Score { return &r.Pitch }},
		{"roll", 0.95, degree, func(f *motion.Features) float64 { return f.Roll }, func(r *fidelityRow) *stats.Score { return &r.Roll }},
		{"gaze", 0.7, 0.05, func(f *motion.Features) float64 { return f.GazeX }, func(r *fidelityRow) *stats.Score { return &r.Gaze }},
	}
}

// correlate judges what came out against what went in, where that moves.
func (r *fidelityRow) correlate(in, out []motion.Features) {
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
