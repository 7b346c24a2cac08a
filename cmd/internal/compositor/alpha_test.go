package compositor

import (
	"image"
	"image/color"
	"math"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// checkerboard is a picture of size x size pixels, squares of eight.
func checkerboard(size int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			v := uint8(70)
			if (x/8+y/8)%2 == 1 {
				v = 210
			}
			m.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	return m
}

// compressed is what a viewer sees of a picture that stands still for a third of a second.
func compressed(t *testing.T, f *frame.I420) *frame.I420 {
	t.Helper()
	cfg := vp8.DefaultConfig()
	cfg.Width, cfg.Height, cfg.BitrateBPS = f.Width, f.Height, 2_000_000
	enc, err := vp8.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	dec, err := vp8.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	var out frame.Encoded
	var seen *frame.I420
	for i := range 10 {
		if err := enc.Encode(&out, f, time.Duration(i+1)*time.Second/30, false); err != nil {
			t.Fatal(err)
		}
		if seen, err = dec.Decode(out.Data); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

// TestHairOverAnotherBackground: a portrait drawn over its own background, packed, compressed and laid over a checkerboard is what
// it is when it is drawn over that, at the edges of the hair too; nothing of the old background is a fringe there.
func TestHairOverAnotherBackground(t *testing.T) {
	testenv.Full(t)
	own, _, st := openLisa(t, testSize, mesh.Background{})
	st.HasMarker = false
	truth, _, _ := openLisa(t, testSize, mesh.Background{Mode: mesh.BackgroundImage, Image: checkerboard(testSize)})
	job, want := generate(own, &st, true, false), generate(truth, &st, true, false)
	packed, err := frame.NewI420(testSize, 2*testSize)
	if err != nil {
		t.Fatal(err)
	}
	if err := frame.NewPacker().Pack(packed, job.Dst, job.Behind.Square); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                string
		seen                *frame.I420
		psnr, edge, outside float64
	}{{"as it is", packed, 50, 1.5, 0}, {"compressed", compressed(t, packed), 42, 3, 0.5}} {
		var square, edges, outside float64
		var n, far int
		for o, m := range want.Dst.Matte.Luma {
			a := math.Min(math.Max((float64(c.seen.Y[testSize*testSize+o])-16)/219, 0), 1)
			got := float64(c.seen.Y[o]) + (1-a)*(float64(want.Behind.Square.Y[o])-16)
			d := math.Abs(got - float64(want.Dst.Y[o]))
			square += d * d
			switch {
			case m == 0:
				outside, far = outside+d, far+1
			case m != 255:
				edges, n = edges+d, n+1
			}
		}
		psnr := 10 * math.Log10(255*255*testSize*testSize/square)
		t.Logf("%s: %.1f dB; mean error of %d pixels at edges %.2f, of %d outside %.2f", c.name, psnr, n, edges/float64(n), far, outside/float64(far))
		if n < 500 || psnr < c.psnr || edges/float64(n) > c.edge || outside/float64(far) > c.outside {
			t.Errorf("%s: %.1f dB, %d pixels at edges are off by %.2f levels, those outside by %.2f", c.name, psnr, n, edges/float64(n), outside/float64(far))
		}
	}
}
