package eye

import (
	"math"
	"sort"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// makeBall paints the iris out of the eyeball and completes the iris where lids hide it.
func (e *Eye) makeBall(g *pose.Geometry) {
	c := g.At[e.lids.iris]
	var r float32
	for k := range uint16(4) {
		q := g.At[e.lids.iris+1+k]
		r += float32(math.Hypot(float64(q.X-c.X), float64(q.Y-c.Y))) / 4
	}
	r = min(max(r, 0.12*e.length), 0.35*e.length)
	white := e.scleraShare(c, r)
	r = e.limbus(c, r, white)
	d := e.skin
	pic := planar.NewPicture(d.W, d.H)
	w := planar.New(d.W, d.H)
	e.eachPixel(func(o int, x, y, s, t float32) {
		v := d.Pix[o]
		pic[0].Pix[o], pic[1].Pix[o], pic[2].Pix[o] = v.Y, v.U, v.V
		far := float32(math.Hypot(float64(x-c.X), float64(y-c.Y)))
		if e.inside(s, t) > 0.04*e.length && far > 1.1*r {
			// Close to the iris only what is clearly not its fringe.
			w.Pix[o] = max(num.Smoothstep(0.6, 0.85, white(v)), num.Smoothstep(1.25*r, 1.5*r, far), 1e-3) * e.free(o)
		}
	})
	if w.Max() == 0 {
		e.guessWhite(pic, w)
	}
	planar.PushPull(pic[:], w)
	e.ball = d.Blank()
	for o := range e.ball.Pix {
		e.ball.Pix[o] = shade.Texel{Y: pic[0].Pix[o], U: pic[1].Pix[o], V: pic[2].Pix[o], A: 1}
	}
	e.makeIris(c, r)
}

// guessWhite paints an eyeball none of which is to be seen: as bright as the skin about the eye, with less colour. w tells which
// pixels are known.
func (e *Eye) guessWhite(pic planar.Picture, w *planar.Plane) {
	skin := shade.Lerp(e.model.upper, e.model.lower, 0.5)
	for o := range w.Pix {
		pic[0].Pix[o], pic[1].Pix[o], pic[2].Pix[o] = skin.Y, 128+0.4*(skin.U-128), 128+0.4*(skin.V-128)
		w.Pix[o] = 1
	}
}

// eachPixel visits the pixels of the eye's box with their texture and local positions.
func (e *Eye) eachPixel(f func(o int, x, y, s, t float32)) {
	d := e.skin
	for o := range d.Pix {
		x, y := float32(d.X+o%d.W)+0.5, float32(d.Y+o/d.W)+0.5
		s, t := e.frame.Back(x, y)
		f(o, x, y, s, t)
	}
}

// scleraShare returns a measure of colours in the opening: 0 like the iris, 1 like the brightest part beside it.
func (e *Eye) scleraShare(c motion.Vec3, r float32) func(shade.Texel) float32 {
	var iris, n shade.Texel
	var rest []shade.Texel
	e.eachPixel(func(o int, x, y, s, t float32) {
		if e.inside(s, t) < 0.03*e.length || e.free(o) < 0.7 {
			return
		}
		v := e.skin.Pix[o]
		far := float32(math.Hypot(float64(x-c.X), float64(y-c.Y)))
		if far < 0.9*r && far > 0.3*r {
			iris = shade.Texel{Y: iris.Y + v.Y, U: iris.U + v.U, V: iris.V + v.V, A: 0}
			n.A++
		} else if far > 1.1*r {
			rest = append(rest, v)
		}
	})
	if n.A == 0 || len(rest) < 4 {
		return func(shade.Texel) float32 { return 1 }
	}
	iris = shade.Texel{Y: iris.Y / n.A, U: iris.U / n.A, V: iris.V / n.A, A: 1}
	sort.Slice(rest, func(i, j int) bool { return rest[i].Y > rest[j].Y })
	rest = rest[:(len(rest)+2)/3]
	var white shade.Texel
	for _, v := range rest {
		k := float32(len(rest))
		white.Y, white.U, white.V = white.Y+v.Y/k, white.U+v.U/k, white.V+v.V/k
	}
	dy, du, dv := white.Y-iris.Y, 2*(white.U-iris.U), 2*(white.V-iris.V)
	size := dy*dy + du*du + dv*dv
	if size < 64 {
		return func(shade.Texel) float32 { return 1 }
	}
	return func(v shade.Texel) float32 {
		return ((v.Y-iris.Y)*dy + 2*(v.U-iris.U)*du + 2*(v.V-iris.V)*dv) / size
	}
}

// limbus corrects the iris' radius to where the white begins, at most half as much again.
func (e *Eye) limbus(c motion.Vec3, r float32, white func(shade.Texel) float32) float32 {
	const bins = 24
	var sum, n [bins]float32
	step := 0.05 * r
	e.eachPixel(func(o int, x, y, s, t float32) {
		far := float32(math.Hypot(float64(x-c.X), float64(y-c.Y)))
		// Only beside the iris: above and below lids cast shadows.
		if num.Abs(y-c.Y) > 0.6*r || e.inside(s, t) < 0.03*e.length {
			return
		}
		if k := int((far - 0.8*r) / step); k >= 0 && k < bins {
			sum[k] += white(e.skin.Pix[o])
			n[k]++
		}
	})
	for k := range bins {
		if n[k] > 0 && sum[k]/n[k] > 0.5 {
			return min(max(0.8*r+float32(k)*step, 0.9*r), 1.5*r)
		}
	}
	return r
}

// makeIris copies the iris; a hidden pixel takes its mirror image below, beside, or opposite, or the mean of its
// circle.
func (e *Eye) makeIris(c motion.Vec3, r float32) {
	d := e.skin
	seen := func(x, y float32) bool {
		s, t := e.frame.Back(x, y)
		return e.inside(s, t) > 0.06*e.length && e.freeAt(s, t) > 0.7
	}
	rings := make([]shade.Texel, int(r*1.6)+3)
	count := make([]float32, len(rings))
	each := func(f func(o int, x, y, far float32)) {
		e.eachPixel(func(o int, x, y, _, _ float32) {
			if far := float32(math.Hypot(float64(x-c.X), float64(y-c.Y))); far < r*1.5+1 {
				f(o, x, y, far)
			}
		})
	}
	each(func(o int, x, y, far float32) {
		if seen(x, y) {
			t, k := d.Pix[o], int(far)
			rings[k] = shade.Texel{Y: rings[k].Y + t.Y, U: rings[k].U + t.U, V: rings[k].V + t.V, A: 0}
			count[k]++
		}
	})
	last := shade.Texel{Y: 60, U: 128, V: 128, A: 1} // where no ring is seen at all
	for k := range rings {
		if n := count[k]; n > 0 {
			last = shade.Texel{Y: rings[k].Y / n, U: rings[k].U / n, V: rings[k].V / n, A: 1}
			break
		}
	}
	for k := range rings {
		if n := count[k]; n > 0 {
			last = shade.Texel{Y: rings[k].Y / n, U: rings[k].U / n, V: rings[k].V / n, A: 1}
		}
		rings[k] = last
	}
	e.iris = d.Blank()
	each(func(o int, x, y, far float32) {
		t := rings[int(far)]
		dx, dy := x-c.X, y-c.Y
		switch {
		case seen(x, y):
			t = d.Pix[o]
		case seen(x, c.Y-dy):
			t = d.Sample(x, c.Y-dy)
		case seen(c.X-dx, y):
			t = d.Sample(c.X-dx, y)
		case seen(c.X-dx, c.Y-dy):
			t = d.Sample(c.X-dx, c.Y-dy)
		}
		t.A = 1 - num.Smoothstep(r*0.97, r*1.1+1, far)
		e.iris.Pix[o] = t
	})
}
