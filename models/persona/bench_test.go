package persona

import (
	"bytes"
	"image/jpeg"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/persona/raster"
)

// enlarged is a test portrait as a photo of n x n pixels, with a crop of the largest size.
func enlarged(tb testing.TB, n int) []byte {
	tb.Helper()
	p, err := intake.Decode(sharedFile(tb, "portraits/synthetic-woman_0253.jpg"), intake.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	size := p.Image.Rect.Dx()
	big := raster.Resample(p.Image, raster.Area{W: float64(size), H: float64(size)}, n, n)
	// Grain, so that compression is as hard as for a photo.
	state := uint32(1)
	for i := range big.Pix {
		if i%4 != 3 {
			state = state*1664525 + 1013904223
			big.Pix[i] = uint8(max(0, min(255, int(big.Pix[i])+int(state>>30)-2)))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, big, &jpeg.Options{Quality: 92}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkBuild makes a persona of a JPEG of 12 megapixels, and says how long each stage takes.
func BenchmarkBuild(b *testing.B) {
	deps := networks(b)
	src := enlarged(b, 3464)
	stages := map[string]time.Duration{}
	for b.Loop() {
		last, step := time.Now(), ""
		_, err := Build(b.Context(), src, "big", deps, Options{}, func(_ float64, next string) {
			stages[step] += time.Since(last)
			last, step = time.Now(), next
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	delete(stages, "")
	for step, d := range stages {
		b.Logf("%6.0f ms  %s", float64(d.Milliseconds())/float64(b.N), step)
	}
}

// BenchmarkLoad and BenchmarkSave work on a persona of the largest size.
func BenchmarkLoad(b *testing.B) {
	data := fileOf(b, large(b))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Read(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSave(b *testing.B) {
	p := large(b)
	for b.Loop() {
		if err := p.Save(b.TempDir() + "/x.persona"); err != nil {
			b.Fatal(err)
		}
	}
}

func large(tb testing.TB) *Persona {
	tb.Helper()
	p, err := Build(tb.Context(), enlarged(tb, 2400), "big", networks(tb), Options{}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if p.Crop.Rect.Dx() != maxCropEdge {
		tb.Fatal(p.Crop.Rect)
	}
	return p
}
