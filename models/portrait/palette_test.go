package portrait

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestGapsAreNotRed: where a network paints teeth into the dark between geometry's, they get a tooth's colour, not that of the throat; a
// tongue stays red, what is left dark keeps its colour, and nothing changes beside the lips.
func TestGapsAreNotRed(t *testing.T) {
	const (
		n                                        = 64
		tooth, hollow, tongue, filled, out, most = 0, 16, 32, 48, 60, 64
	)
	rgb := func(i int) [3]float32 {
		switch {
		case i < hollow:
			return [3]float32{0.72, 0.68, 0.66}
		case i < tongue:
			return [3]float32{0.22, 0.12, 0.11}
		case i < filled:
			return [3]float32{0.45, 0.28, 0.28}
		case i < out:
			return [3]float32{0.22, 0.12, 0.11} // becomes a tooth
		}
		return [3]float32{0.8, 0.3, 0.3} // lip
	}
	picture, d, inner := make([]float32, 3*n), make([]float32, 3*n), make([]byte, n)
	for i := range n {
		c := rgb(i)
		picture[i], picture[n+i], picture[2*n+i] = c[0], c[1], c[2]
		if i < out {
			inner[i] = 255
		}
		if i >= filled && i < most {
			d[i], d[n+i], d[2*n+i] = 100, -2, 8
		}
	}
	chroma := func(i int) float32 {
		y, u, v := frame.ToYUV(255*picture[i], 255*picture[n+i], 255*picture[2*n+i])
		_, c := toneOf(y+d[i], u+d[n+i], v+d[2*n+i])
		return c
	}
	red, before := chroma(filled), [...]float32{chroma(tooth), chroma(hollow), chroma(tongue), chroma(out)}
	tieColour(d, picture, inner)
	if got := chroma(filled); got > 1.5*before[0] || red < 2*before[0] {
		t.Errorf("a new tooth has a chroma of %.1f, painted with %.1f; teeth have %.1f", got, red, before[0])
	}
	for k, i := range [...]int{tooth, hollow, tongue, out} {
		if got := chroma(i); got != before[k] {
			t.Errorf("pixel %d: a chroma of %.1f was %.1f", i, got, before[k])
		}
	}
	clear(inner)
	for i := range d {
		d[i] = 50
	}
	tieColour(d, picture, inner)
	if d[n] != 50 {
		t.Error("shut lips: changed")
	}
	for i := range inner {
		inner[i] = 255
	}
	if a := testing.AllocsPerRun(10, func() { tieColour(d, picture, inner) }); a > 0 {
		t.Errorf("%v allocations", a)
	}
}
