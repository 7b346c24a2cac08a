package mesh

import (
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// goldenDecibels is the least PSNR to a kept picture: other processors may round differently, nothing else may
// change.
const goldenDecibels = 40

// TestGolden compares drawings with kept ones. Run with -update after looking at what changed.
func TestGolden(t *testing.T) {
	update := flag.Lookup("update").Value.String() == "true"
	p := monaLisa(t)
	r := newTestRenderer(t, Options{Size: 256})
	for _, tc := range []struct {
		name  string
		state func(p *persona.Persona) motion.State
	}{
		{"rest", atRest},
		{"turn", func(p *persona.Persona) motion.State { return turned(p, 25, -8, 10) }},
		{"blink", func(p *persona.Persona) motion.State {
			st := turned(p, -15, 10, 0)
			blink(p, &st, 0)
			return st
		}},
		{"gape", func(p *persona.Persona) motion.State {
			st := turned(p, -10, -10, 0)
			gape(p, &st, 0.4)
			return st
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			st := tc.state(p)
			got := render(t, r, &st)
			path := filepath.Join("testdata", tc.name+".png")
			if update {
				writeYUV(t, path, got)
				return
			}
			if db := psnr(got, readYUV(t, path), nil); db < goldenDecibels {
				t.Errorf("%s: %.1f dB to %s, want %d", tc.name, db, path, goldenDecibels)
			}
		})
	}
}

// writeYUV keeps a frame as a colour PNG to look at; only its luma is compared.
func writeYUV(tb testing.TB, path string, f *frame.I420) {
	tb.Helper()
	m := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
	for y := range f.Height {
		for x := range f.Width {
			o, c := y*f.Width+x, y/2*(f.Width/2)+x/2
			l := 1.164384 * (float32(f.Y[o]) - 16)
			u, v := float32(f.U[c])-128, float32(f.V[c])-128
			clip := func(v float32) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
			m.SetRGBA(x, y, color.RGBA{clip(l + 1.596027*v), clip(l - 0.391762*u - 0.812968*v), clip(l + 2.017232*u), 255})
		}
	}
	out, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer out.Close()
	if err := png.Encode(out, m); err != nil {
		tb.Fatal(err)
	}
}

func readYUV(tb testing.TB, path string) *frame.I420 {
	tb.Helper()
	m := readPNG(tb, path)
	f := newFrame(tb, m.Bounds().Dx())
	for y := range f.Height {
		for x := range f.Width {
			r, g, b, _ := m.At(x, y).RGBA()
			l, _, _ := frame.ToYUV(float32(r>>8), float32(g>>8), float32(b>>8))
			f.Y[y*f.Width+x] = byte(min(max(l+0.5, 0), 255))
		}
	}
	return f
}
