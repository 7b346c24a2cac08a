package views

import (
	"encoding/binary"

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
	edge         int
	lips         lipContour
	upper, lower hanging
}

// Planes of the inside of the mouth: how much the take covers, 127 being all, and colours less 128, weighted by that.
const (
	planeCover   = 0
	planeColour  = 1 // the first of three
	insidePlanes = 4
)

// hanging is a rectangle of the mouth's region as all takes show it, one after the other: rows packed, a sample of each plane for every
// pixel.
type hanging struct {
	planar.Rect
	length  int // of a take, a multiple of block
	samples []int8
}

// hung is the row of a region at which the lower lip lies in what hangs on it.
const hung = 64

func newInside(g *group, of []*patch) *inside {
	in := &inside{edge: portrait.Mouth().Edge, lips: innerLips()}
	trust := trusted(g, of)
	var up, low [][insidePlanes]*planar.Plane
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
					a[k].Pix[o] = (p.shown[k-planeColour].Pix[o] - 128) * c
				}
			}
			for o := range b[k].Pix {
				b[k].Pix[o] = a[k].Sample(float32(o%in.edge)+0.5, float32(o/in.edge)+0.5+p.sag-hung)
			}
		}
		up, low = append(up, a), append(low, b)
	}
	var ok [2]bool
	in.upper, ok[0] = newHanging(up)
	in.lower, ok[1] = newHanging(low)
	if ok != [2]bool{true, true} {
		return nil
	}
	return in
}

// newHanging keeps takes where they cover anything; false where they do not.
func newHanging(takes [][insidePlanes]*planar.Plane) (h hanging, ok bool) {
	w := takes[0][planeCover].W
	h.X0, h.Y0 = w, w
	for _, t := range takes {
		for o, c := range t[planeCover].Pix {
			if c > 0 {
				h.X0, h.X1 = min(h.X0, o%w), max(h.X1, o%w+1)
				h.Y0, h.Y1 = min(h.Y0, o/w), max(h.Y1, o/w+1)
			}
		}
	}
	if h.X1 <= h.X0 {
		return h, false
	}
	area := (h.X1 - h.X0) * (h.Y1 - h.Y0) * insidePlanes
	h.length = (area + block - 1) / block * block
	h.samples = make([]int8, h.length*len(takes))
	for i, t := range takes {
		dst := h.samples[i*h.length:]
		for y := h.Y0; y < h.Y1; y++ {
			for x := h.X0; x < h.X1; x++ {
				for k, p := range t {
					dst[k] = sampled(p.Pix[y*w+x])
				}
				dst = dst[insidePlanes:]
			}
		}
	}
	return h, true
}

// mix mixes takes into the rows of dst, the whole region, that samples at heights from top to low are taken of, a word a pixel; what lies
// beyond the rectangle is left alone. scratch is as long as a take at least.
func (h *hanging) mix(dst []uint64, scratch []byte, edge int, parts []part, shares []int32, top, low float32) {
	y0, y1 := h.rows(top, low)
	if y0 >= y1 {
		return
	}
	width := insidePlanes * (h.X1 - h.X0)
	from := (y0 - h.Y0) * width / block * block
	to := ((y1-h.Y0)*width + block - 1) / block * block
	for i, share := range shares {
		if share != 0 {
			parts = append(parts, part{int32(i*h.length + from), share}) //nolint:gosec // a region has 16384 pixels
		}
	}
	mix(scratch[from:to], h.samples, parts)
	for y := y0; y < y1; y++ {
		row, line := dst[y*edge+h.X0:y*edge+h.X1], scratch[(y-h.Y0)*width:][:width]
		for x := range row {
			row[x] = spread(line[insidePlanes*x:])
		}
	}
}

// rows are those of the rectangle that sample reads for heights from top to low.
func (h *hanging) rows(top, low float32) (y0, y1 int) {
	within := func(v float32) int { return int(min(max(v, float32(h.Y0)), float32(h.Y1))) }
	return within(top - 1), within(low + 2)
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

// paint lays a mix, upper and lower, between the lips of a band of a frame.
func (in *inside) paint(f *frame.I420, bd planar.Band, a *aperture, px *portrait.Alignment, upper, lower []uint64, left int) {
	x0, y0, x1, y1 := a.box(px, f.Width, f.Height)
	x0, y0, y1 = max(x0, left), max(y0, bd.Y0), min(y1, bd.Y1)
	var v [insidePlanes]float32
	for y := y0; y < y1; y++ {
		row := f.Y[y*f.Width : (y+1)*f.Width]
		for x := x0; x < x1; x++ {
			i, j := px.Into(float32(x)+0.5, float32(y)+0.5)
			if c := in.mix(&v, a, upper, lower, i, j); c > 0 {
				row[x] = over(row[x], c, v[planeColour], 235)
			}
		}
	}
	for y := y0 / 2; y < y1/2; y++ {
		for x := x0 / 2; x < x1/2; x++ {
			i, j := px.Into(float32(2*x+1), float32(2*y+1))
			if c := in.mix(&v, a, upper, lower, i, j); c > 0 {
				o := y*f.Width/2 + x
				f.U[o] = over(f.U[o], c, v[planeColour+1], 240)
				f.V[o] = over(f.V[o], c, v[planeColour+2], 240)
			}
		}
	}
}

// over lays v over b, c of it.
func over(b byte, c, v, most float32) byte {
	was := float32(b)
	return byte(min(max(was+(v-was)*c+0.5, 16), most))
}

// Shares of the height between the lips at which what hangs on the skull begins, and ends, to go over into what hangs on the lower lip.
const overFrom, overTo = 0.3, 0.7

// mix leaves in v what lies at (i, j) of the region, and tells how much of it counts. It goes over from what hangs on the skull to
// what hangs on the lower lip.
func (in *inside) mix(v *[insidePlanes]float32, a *aperture, upper, lower []uint64, i, j float32) float32 {
	c := a.cover(i, j)
	if c <= 0 {
		return 0
	}
	t := num.Smoothstep(overFrom, overTo, (j-a.high)/a.height())
	*v = [insidePlanes]float32{}
	if t < 1 {
		sample(v, upper, in.edge, i, j, 1-t)
	}
	if t > 0 {
		sample(v, lower, in.edge, i, j-a.sag+hung, t)
	}
	cover := v[planeCover] / 127
	if cover < 0.01 {
		return 0
	}
	for k := planeColour; k < insidePlanes; k++ {
		v[k] = v[k]/cover + 128
	}
	return c * min(cover, 1)
}

// sample adds to v what lies at (x, y) of a region's mix, by weight. It is bilinear; the nearest samples repeat beyond the edge.
func sample(v *[insidePlanes]float32, p []uint64, edge int, x, y, weight float32) {
	most := float32(edge) - 1.001
	x, y = min(max(x-0.5, 0), most), min(max(y-0.5, 0), most)
	i, j := int(x), int(y)
	fx, fy := uint64((x-float32(i))*256), uint64((y-float32(j))*256)
	top, low := p[j*edge+i:][:2:2], p[(j+1)*edge+i:][:2:2]
	a := (top[0]*(256-fx) + top[1]*fx + halves) >> 8 & lanes
	b := (low[0]*(256-fx) + low[1]*fx + halves) >> 8 & lanes
	sum := a*(256-fy) + b*fy
	weight /= 256
	v[0] += weight * float32(int32(sum&0xffff)-nothing*256)
	v[1] += weight * float32(int32(sum>>16&0xffff)-nothing*256)
	v[2] += weight * float32(int32(sum>>32&0xffff)-nothing*256)
	v[3] += weight * float32(int32(sum>>48)-nothing*256)
}

// Four samples of a byte lie in the lanes of a word, 16 bits each, so that one product weighs all of them.
const (
	lanes  = 0x00ff_00ff_00ff_00ff
	halves = 0x0080_0080_0080_0080
)

// spread puts four bytes into the lanes of a word.
func spread(b []byte) uint64 {
	v := uint64(binary.LittleEndian.Uint32(b))
	v = (v | v<<16) & 0x0000_ffff_0000_ffff
	return (v | v<<8) & lanes
}
