package mesh

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// A portrait that moves must not blur: bilinear sampling at output scale would take 40 % of its gradient energy.
func TestMotionKeepsFineDetail(t *testing.T) {
	const size = 512
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: size})
	f, want := meshtest.Frame(t, size), meshtest.Frame(t, size)
	for o, v := range planar.FromRGBA(p.Crop)[0].Pix {
		want.Y[o] = byte(v + 0.5)
	}
	face := planar.Rect{X0: 190, Y0: 140, X1: 310, Y1: 300}
	truth := gradientEnergy(want, face)
	for _, yaw := range []float64{0, 0.5, 1, 1.5, 2, 2.5, 3} {
		st := meshtest.Turned(p, yaw, 0.6*yaw, 0)
		if err := r.Render(f, &st); err != nil {
			t.Fatal(err)
		}
		if got := gradientEnergy(f, face) / truth; got < 0.82 || got > 1.05 {
			t.Errorf("turned by %.1f degrees the face has %.2f of the portrait's gradient energy", yaw, got)
		}
	}
}

// gradientEnergy is the mean squared slope of luma in a box.
func gradientEnergy(f *frame.I420, box planar.Rect) float64 {
	var sum float64
	for y := box.Y0; y < box.Y1; y++ {
		row, below := f.Y[y*f.Width:(y+1)*f.Width], f.Y[(y+1)*f.Width:]
		for x := box.X0; x < box.X1; x++ {
			dx, dy := float64(row[x+1])-float64(row[x]), float64(below[x])-float64(row[x])
			sum += dx*dx + dy*dy
		}
	}
	return sum / float64((box.X1-box.X0)*(box.Y1-box.Y0))
}
