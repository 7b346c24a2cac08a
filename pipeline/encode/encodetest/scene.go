package encodetest

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// FrameTime is the time between two pictures of every test here.
const FrameTime = time.Second / 30

// Scenes draws n pictures of a textured blob, about as large as a face, that nods in front of a still background.
func Scenes(tb testing.TB, width, height, n int) []*frame.I420 {
	tb.Helper()
	out := make([]*frame.I420, n)
	for i := range out {
		f, err := frame.NewI420(width, height)
		if err != nil {
			tb.Fatal(err)
		}
		scene(f, i)
		out[i] = f
	}
	return out
}

func scene(f *frame.I420, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	w, h := f.Width, f.Height
	cx := float64(w)/2 + float64(w)/40*math.Sin(float64(n)/7)
	cy := float64(h)/2 + float64(h)/60*math.Cos(float64(n)/5)
	for y := range h {
		for x := range w {
			grain := float64(rng.IntN(9) - 4)
			v := 90 + 40*math.Sin(float64(x)/37) + 30*math.Sin(float64(y)/23) + grain
			dx, dy := (float64(x)-cx)/float64(w)*4, (float64(y)-cy)/float64(h)*3
			if dx*dx+dy*dy < 1 {
				v = 150 + 30*math.Cos(dx*9)*math.Cos(dy*11+float64(n)/9) + grain
			}
			f.Y[y*w+x] = uint8(min(max(v, 16), 235))
		}
	}
	for i := range f.U {
		f.U[i], f.V[i] = uint8(120+i%8), uint8(130+i/w%8)
	}
}

// Loop is picture i of an endless film that goes back and forth through fs, so that it never jumps.
func Loop(fs []*frame.I420, i int) *frame.I420 {
	k := i % (2*len(fs) - 2)
	if k >= len(fs) {
		k = 2*len(fs) - 2 - k
	}
	return fs[k]
}

// PSNR compares two planes of one size, in dB; 99 where they are equal.
func PSNR(a, b []byte) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(len(a))/sum)
}
