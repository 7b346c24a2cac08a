package views

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// parted is the gap between the lips from which a view says something of what lies behind them, head units.
const parted = 0.02

// patch is the inside of the mouth in a take, in the pixels of the mouth's region.
type patch struct {
	diff  *planar.Plane    // of luma, from what was drawn
	shown [3]*planar.Plane // the view's own colours, continued beyond the lips
	cover *planar.Plane    // 1 between the lips, fading beyond
	known *planar.Plane    // 1 between the lips
	sag   float32          // height of the lower lip
}

func newPatch(t *take, rest *motion.Rest, size int, first bool) *patch {
	r := portrait.Mouth()
	if t.state.Points[motion.LowerLipInner].Y-t.state.Points[motion.UpperLipInner].Y < parted {
		return nil
	}
	at := r.Align(&t.state.Head, r.Anchor(rest))
	var a aperture
	lips := innerLips()
	if !a.read(&lips, &t.state, &at) {
		return nil
	}
	p := &patch{diff: planar.New(r.Edge, r.Edge), known: planar.New(r.Edge, r.Edge), sag: a.sag}
	for k := range p.shown {
		p.shown[k] = planar.New(r.Edge, r.Edge)
	}
	px := at.Scaled(float32(size))
	for o := range p.known.Pix {
		i, j := float32(o%r.Edge)+0.5, float32(o/r.Edge)+0.5
		if a.cover(i, j) < 1 {
			continue
		}
		x, y := px.At(i, j)
		if t.seen.Sample(x, y) < 0.99 {
			continue
		}
		p.known.Pix[o] = 1
		for k := range p.shown {
			p.shown[k].Pix[o] = t.shown[k].Sample(x, y)
		}
		if !first {
			p.diff.Pix[o] = t.diff[0].Sample(x, y)
		}
	}
	p.extend()
	return p
}

// extend goes on beyond the lips, less and less.
func (p *patch) extend() {
	const reach, fade = 16, 0.9
	n := p.known.W
	p.cover = p.known.Clone()
	for range reach {
		was := p.cover.Clone()
		for y := 1; y < n-1; y++ {
			for x := 1; x < n-1; x++ {
				o := y*n + x
				if was.Pix[o] > 0 {
					continue
				}
				var sum [3]float32
				var count, cover float32
				for _, q := range [...]int{o - 1, o + 1, o - n, o + n} {
					if was.Pix[q] > 0 {
						count++
						cover += was.Pix[q]
						for k := range sum {
							sum[k] += p.shown[k].Pix[q]
						}
					}
				}
				if count > 0 {
					p.cover.Pix[o] = cover / count * fade
					for k := range sum {
						p.shown[k].Pix[o] = sum[k] / count
					}
				}
			}
		}
	}
}

// product is that of residues where both are known.
func (p *patch) product(q *patch) float64 {
	var sum float64
	for o, v := range p.diff.Pix {
		sum += float64(v * q.diff.Pix[o] * max(p.known.Pix[o], q.known.Pix[o]))
	}
	return sum
}

// inside holds what all takes show twice: as it hangs on the skull, and as it hangs on the lower lip.
type inside struct {
	edge  int
	lips  lipContour
	above box                    // of upper
	below box                    // of lower
	upper [insidePlanes][]packed // per plane and take
	lower [insidePlanes][]packed
}

// Planes of the inside of the mouth: colours less 128, weighted by how much the take covers, and that, 127 being all.
const (
	planeCover   = 3
	insidePlanes = 4
)

// hung is the row of a region at which the lower lip lies in what hangs on it.
const hung = 64

func newInside(g *group, of []*patch) *inside {
	in := &inside{edge: portrait.Mouth().Edge, lips: innerLips()}
	trust := trusted(g, of)
	var up, low [][insidePlanes]*planar.Plane
	covered, lowered := planar.New(in.edge, in.edge), planar.New(in.edge, in.edge)
	for _, number := range g.takes {
		p := of[number]
		var a, b [insidePlanes]*planar.Plane
		for k := range a {
			a[k], b[k] = planar.New(in.edge, in.edge), planar.New(in.edge, in.edge)
			for o, c := range p.cover.Pix {
				c *= num.Smoothstep(0.1, 0.4, trust.Pix[o])
				if k == planeCover {
					a[k].Pix[o] = 127 * c
				} else {
					a[k].Pix[o] = (p.shown[k].Pix[o] - 128) * c
				}
			}
			for o := range b[k].Pix {
				b[k].Pix[o] = a[k].Sample(float32(o%in.edge)+0.5, float32(o/in.edge)+0.5+p.sag-hung)
			}
		}
		covered.AtLeast(a[planeCover])
		lowered.AtLeast(b[planeCover])
		up, low = append(up, a), append(low, b)
	}
	if in.above, in.below = bound(covered), bound(lowered); in.above.X1 == 0 || in.below.X1 == 0 {
		return nil
	}
	for i := range up {
		for k := range insidePlanes {
			in.upper[k] = append(in.upper[k], pack(up[i][k].Cut(in.above.Rect)))
			in.lower[k] = append(in.lower[k], pack(low[i][k].Cut(in.below.Rect)))
		}
	}
	return in
}

// trusted is trust for the inside of the mouth.
func trusted(g *group, of []*patch) *planar.Plane {
	n := of[g.takes[0]].known.W
	right, said := planar.New(n, n), planar.New(n, n)
	guess := make([]float32, n*n)
	for i, number := range g.takes {
		clear(guess)
		for j, w := range g.foresight(i) {
			for o, d := range of[g.takes[j]].diff.Pix {
				guess[o] += w * d
			}
		}
		p := of[number]
		for o, d := range p.diff.Pix {
			right.Pix[o] += guess[o] * d * p.known.Pix[o]
			said.Pix[o] += guess[o] * guess[o] * p.known.Pix[o]
		}
	}
	return share(right, said, 8)
}

// paint lays a mix, whose planes are upper and lower, between the lips of a frame.
func (in *inside) paint(f *frame.I420, a *aperture, px *portrait.Alignment, upper, lower *[insidePlanes][]float32, left int) {
	x0, y0, x1, y1 := a.box(px, f.Width, f.Height)
	x0 = max(x0, left)
	for y := y0; y < y1; y++ {
		row := f.Y[y*f.Width : (y+1)*f.Width]
		for x := x0; x < x1; x++ {
			i, j := px.Into(float32(x)+0.5, float32(y)+0.5)
			if c := a.cover(i, j); c > 0 {
				row[x] = in.over(row[x], c, a, upper, lower, 0, i, j, 235)
			}
		}
	}
	for y := y0 / 2; y < y1/2; y++ {
		for x := x0 / 2; x < x1/2; x++ {
			i, j := px.Into(float32(2*x+1), float32(2*y+1))
			if c := a.cover(i, j); c > 0 {
				o := y*f.Width/2 + x
				f.U[o] = in.over(f.U[o], c, a, upper, lower, 1, i, j, 240)
				f.V[o] = in.over(f.V[o], c, a, upper, lower, 2, i, j, 240)
			}
		}
	}
}

// over is the mix of plane k at (i, j) of the region laid over b, c of it.
func (in *inside) over(b byte, c float32, a *aperture, upper, lower *[insidePlanes][]float32, k int, i, j, most float32) byte {
	cover := in.mix(a, upper[planeCover], lower[planeCover], i, j) / 127
	if cover < 0.01 {
		return b
	}
	v := in.mix(a, upper[k], lower[k], i, j)/cover + 128
	was := float32(b)
	return byte(min(max(was+(v-was)*c*min(cover, 1)+0.5, 16), most))
}

// mix goes over from what hangs on the skull to what hangs on the lower lip.
func (in *inside) mix(a *aperture, upper, lower []float32, i, j float32) float32 {
	t := num.Smoothstep(0.3, 0.7, (j-a.high)/max(a.sag-a.high, 1))
	var v float32
	if t < 1 {
		v += (1 - t) * sample(upper, in.edge, in.edge, i, j)
	}
	if t > 0 {
		v += t * sample(lower, in.edge, in.edge, i, j-a.sag+hung)
	}
	return v
}

func added(b byte, v, most float32) byte { return byte(min(max(float32(b)+v+0.5, 16), most)) }

// sample is bilinear; the nearest samples repeat beyond the edge.
func sample(p []float32, w, h int, x, y float32) float32 {
	x, y = min(max(x-0.5, 0), float32(w)-1.001), min(max(y-0.5, 0), float32(h)-1.001)
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	top, low := p[j*w+i:j*w+i+2], p[(j+1)*w+i:(j+1)*w+i+2]
	a := top[0] + (top[1]-top[0])*fx
	b := low[0] + (low[1]-low[0])*fx
	return a + (b-a)*fy
}
