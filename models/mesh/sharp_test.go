package mesh

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// A portrait that moves must not blur: bilinear sampling at output scale would take 40 % of its gradient energy.
func TestMotionKeepsFineDetail(t *testing.T) {
	const size = 512
	p := monaLisa(t)
	r := newTestRenderer(t, Options{Size: size})
	f, want := newFrame(t, size), newFrame(t, size)
	for o, v := range fromRGBA(p.Crop)[0].pix {
		want.Y[o] = byte(v + 0.5)
	}
	face := rect{190, 140, 310, 300}
	truth := gradientEnergy(want, face)
	for _, yaw := range []float64{0, 0.5, 1, 1.5, 2, 2.5, 3} {
		st := turned(p, yaw, 0.6*yaw, 0)
		if err := r.Render(f, &st); err != nil {
			t.Fatal(err)
		}
		if got := gradientEnergy(f, face) / truth; got < 0.82 || got > 1.05 {
			t.Errorf("turned by %.1f degrees the face has %.2f of the portrait's gradient energy", yaw, got)
		}
	}
}

// gradientEnergy is the mean squared slope of luma in a box.
func gradientEnergy(f *frame.I420, box rect) float64 {
	var sum float64
	for y := box.y0; y < box.y1; y++ {
		row, below := f.Y[y*f.Width:(y+1)*f.Width], f.Y[(y+1)*f.Width:]
		for x := box.x0; x < box.x1; x++ {
			dx, dy := float64(row[x+1])-float64(row[x]), float64(below[x])-float64(row[x])
			sum += dx*dx + dy*dy
		}
	}
	return sum / float64((box.x1-box.x0)*(box.y1-box.y0))
}
