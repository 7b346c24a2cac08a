package mesh

import (
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
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
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: 256})
	for _, tc := range []struct {
		name  string
		state func(p *persona.Persona) motion.State
	}{
		{"rest", meshtest.AtRest},
		{"turn", func(p *persona.Persona) motion.State { return meshtest.Turned(p, 25, -8, 10) }},
		{"blink", func(p *persona.Persona) motion.State {
			st := meshtest.Turned(p, -15, 10, 0)
			meshtest.Blink(p, &st, 0)
			return st
		}},
		{"gape", func(p *persona.Persona) motion.State {
			st := meshtest.Turned(p, -10, -10, 0)
			meshtest.Gape(p, &st, 0.4)
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
			if db := meshtest.PSNR(got, readYUV(t, path), nil); db < goldenDecibels {
				t.Errorf("%s: %.1f dB to %s, want %d", tc.name, db, path, goldenDecibels)
			}
		})
	}
}

// writeYUV keeps a frame as a colour PNG to look at; only its luma is compared.
func writeYUV(tb testing.TB, path string, f *frame.I420) {
	tb.Helper()
	m := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
	if err := f.ToRGBA(m); err != nil {
		tb.Fatal(err)
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
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	m, err := png.Decode(file)
	if err != nil {
		tb.Fatal(err)
	}
	f := meshtest.Frame(tb, m.Bounds().Dx())
	for y := range f.Height {
		for x := range f.Width {
			r, g, b, _ := m.At(x, y).RGBA()
			l, _, _ := frame.ToYUV(float32(r>>8), float32(g>>8), float32(b>>8))
			f.Y[y*f.Width+x] = byte(min(max(l+0.5, 0), 255))
		}
	}
	return f
}
