package eye

import (
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// spot is a landmark of p's crop, in its pixels.
func spot(p *persona.Persona, i int) (x, y float64) {
	q := p.Face.Head.Apply(p.Face.Points[i])
	n := float64(p.Crop.Rect.Dx())
	return n * float64(q.X), n * float64(q.Y)
}

// fringed draws a fringe of strands over the forehead of the Mona Lisa, down to the middle of her eyes, each strand a little
// longer or shorter.
func fringed(tb testing.TB) (p *persona.Persona, end func(x int) float64) {
	tb.Helper()
	p = meshtest.MonaLisa(tb)
	rnd := rand.New(rand.NewPCG(5, 6))
	x0, _ := spot(p, 127)
	x1, _ := spot(p, 356)
	_, top := spot(p, 10)
	_, eye := spot(p, 468)
	unit := float64(p.Face.Head.Scale) * float64(p.Crop.Rect.Dx())
	length := make([]float64, p.Crop.Rect.Dx())
	for x := range length {
		length[x] = -1
		if float64(x) < x0 || float64(x) > x1 {
			continue
		}
		length[x] = eye - 0.02*unit + 0.03*unit*rnd.Float64()
		shade := 0.7 + 0.5*rnd.Float64()
		for y := int(top - 0.5*unit); y < int(length[x]); y++ {
			p.Crop.SetRGBA(x, y, color.RGBA{uint8(46 * shade), uint8(30 * shade), uint8(20 * shade), 255})
		}
	}
	return p, func(x int) float64 { return length[x] }
}

// TestFringeStaysBeforeTheLids: hair that hangs before the eyes stays where it is when they shut, and lids are seen below it only.
func TestFringeStaysBeforeTheLids(t *testing.T) {
	const size = 512
	p, end := fringed(t)
	r := newEyesOf(t, p, size)
	open, shut := r.lidsAt(1), r.lidsAt(0)
	scale := float64(p.Crop.Rect.Dx()) / size
	for side, e := range motion.Eyes() {
		if r.eyes[side].hair == nil {
			t.Fatalf("eye %d: no hair is found before it", side)
		}
		x0, y0 := spot(p, int(e.Outer))
		x1, _ := spot(p, int(e.Inner))
		var sum, n, moved float64
		for x := int(min(x0, x1) / scale); x < int(max(x0, x1)/scale); x++ {
			for y := int(y0/scale) - 20; y < int(y0/scale)+8; y++ {
				o := y*size + x
				d := math.Abs(float64(open.Y[o]) - float64(shut.Y[o]))
				if float64(y) < end(int(float64(x)*scale))/scale-4 {
					sum, n = sum+d, n+1
				} else {
					moved = max(moved, d)
				}
			}
		}
		t.Logf("eye %d: hair differs by %.1f when the lids shut, what is below by up to %.0f", side, sum/n, moved)
		if sum/n > 3 || moved < 20 {
			t.Errorf("eye %d: hair differs by %.1f when the lids shut, what is below by up to %.0f", side, sum/n, moved)
		}
	}
	plain := newTestEyes(t, size)
	if plain.eyes[0].hair != nil || plain.eyes[1].hair != nil {
		t.Error("hair is found before eyes that nothing hides")
	}
}

// painted puts pale blue paint on the upper lids of the Mona Lisa.
func painted(tb testing.TB) *persona.Persona {
	tb.Helper()
	p := meshtest.MonaLisa(tb)
	unit := float64(p.Face.Head.Scale) * float64(p.Crop.Rect.Dx())
	for _, e := range motion.Eyes() {
		x0, _ := spot(p, int(e.Outer))
		x1, _ := spot(p, int(e.Inner))
		_, lid := spot(p, int(e.Upper[3]))
		cx, cy := (x0+x1)/2, lid-0.15*unit
		a, b := 0.45*math.Abs(x1-x0), 0.11*unit
		for y := int(cy - 2*b); y < int(cy+2*b); y++ {
			for x := int(cx - 2*a); x < int(cx+2*a); x++ {
				d := math.Hypot((float64(x)-cx)/a, (float64(y)-cy)/b)
				k := min(max((1.15-d)/0.3, 0), 1)
				o := p.Crop.PixOffset(x, y)
				for c, v := range [3]float64{190, 200, 225} {
					q := &p.Crop.Pix[o+c]
					*q = uint8(float64(*q) + k*(v-float64(*q)))
				}
			}
		}
	}
	return p
}

// TestPaintGoesOnOverShutLids: a lid that is painted shows its paint when it is shut, down to the lashes, and skin beside it.
func TestPaintGoesOnOverShutLids(t *testing.T) {
	const size = 512
	p := painted(t)
	r := newEyesOf(t, p, size)
	shut := r.lidsAt(0)
	for side := range r.eyes {
		e := r.eyes[side]
		u := func(s, t float32) float64 {
			x, y := e.to.To(s, t)
			return chromaAt(shut, x, y)
		}
		mid := (e.right - e.left) / 2
		top, low := e.upper.At(mid), e.opening.At(mid)
		paint, lid, skin := u(mid, top-0.22*e.length), u(mid, low-0.08*e.length), u(mid, low+0.3*e.length)
		if share := (lid - skin) / (paint - skin); share < 0.6 || share > 1.4 {
			t.Errorf("eye %d: blue of the shut lid is %.0f, of the paint above %.0f, of skin below %.0f", side, lid, paint, skin)
		}
	}
}

func chromaAt(f *frame.I420, x, y float32) float64 {
	return float64(f.U[int(y/2)*f.Width/2+int(x/2)])
}
