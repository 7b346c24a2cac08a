package planar

import (
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/num"
)

func noise(w, h int) *Plane {
	rng := rand.New(rand.NewPCG(5, 8))
	p := New(w, h)
	for o := range p.Pix {
		p.Pix[o] = 255 * rng.Float32()
	}
	return p
}

// TestResampleKeepsWhatIsThere: at the same scale pixels stay, a whole step moves them, and a flat plane stays flat at any scale.
func TestResampleKeepsWhatIsThere(t *testing.T) {
	p := noise(23, 17)
	if got := p.Resample(23, 17, 0, 0, 1); !near(got, p) {
		t.Error("the same scale is not the same plane")
	}
	if got, want := p.Resample(9, 6, 4, 7, 1), p.Cut(Rect{4, 7, 13, 13}); !near(got, want) {
		t.Error("resampling a box at the same scale does not cut it out")
	}
	flat := New(20, 20)
	for o := range flat.Pix {
		flat.Pix[o] = 77
	}
	for _, step := range []float64{0.3, 0.5, 1.7, 4} {
		if got := flat.Resample(11, 7, -3, -2.5, step); slices.ContainsFunc(got.Pix, func(v float32) bool { return num.Abs(v-77) > 0.01 }) {
			t.Errorf("step %v: a flat plane does not stay flat: %v", step, got.Pix)
		}
	}
}

func near(a, b *Plane) bool {
	for o := range a.Pix {
		if num.Abs(a.Pix[o]-b.Pix[o]) > 1e-3 {
			return false
		}
	}
	return a.W == b.W && a.H == b.H
}

// TestBlurIsATent: one bright pixel spreads to both sides alike and nothing is lost.
func TestBlurIsATent(t *testing.T) {
	p := New(21, 21)
	p.Pix[10*21+10] = 625
	b := p.Blur(2)
	var sum float32
	for _, v := range b.Pix {
		sum += v
	}
	if num.Abs(sum-625) > 0.05 {
		t.Errorf("625 became %v", sum)
	}
	for x, want := range map[int]float32{5: 0, 6: 5, 8: 15, 10: 25, 12: 15, 14: 5, 15: 0} {
		if got := b.At(x, 10); num.Abs(got-want) > 0.01 {
			t.Errorf("column %d is %v, want %v", x, got, want)
		}
	}
	if p.At(10, 10) != 625 {
		t.Error("the blurred plane itself was changed")
	}
}

// TestPictureOfColours: black, white and grey have the levels of limited-range video.
func TestPictureOfColours(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 3, 1))
	for x, v := range []uint8{0, 255, 51} {
		m.SetRGBA(x, 0, color.RGBA{v, v, v, 255})
	}
	p := FromRGBA(m)
	if got := p[0].Bytes(1); !slices.Equal(got, []byte{16, 235, 60}) {
		t.Errorf("luma of black, white and grey is %v", got)
	}
	if got := append(p[1].Bytes(1), p[2].Bytes(1)...); slices.ContainsFunc(got, func(v byte) bool { return v != 128 }) {
		t.Errorf("chroma of greys is %v", got)
	}
	if y, u, v := p.Sample(1, 0.5); num.Abs(y-125.5) > 0.01 || num.Abs(u-128) > 0.01 || num.Abs(v-128) > 0.01 {
		t.Errorf("between black and white lies %v %v %v", y, u, v)
	}
}
