package quality

import (
	"math"
	"math/rand/v2"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

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
			for c, v := range [2]float64{float64(p.X) * Edge, float64(p.Y) * Edge} {
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

// nothing is a generator that draws nothing, for measuring motion alone.
type nothing struct{}

func (nothing) Generate([]pipeline.Job) {}
