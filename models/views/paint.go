package views

import (
	"errors"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Posed adds to the pictures of one session. One goroutine owns it, but that PaintRows may run on several.
type Posed struct {
	*Views
	weight, kernel, feature []float32
	near                    []float32
	shares                  []int32 // of all groups of skin, then of the inside of the mouth; see Views.share
	difference              *texmap.Difference
	skin                    sewn
	upper, lower            []uint64 // of the inside of the mouth
	scratch                 []byte
	corners                 [landmark.Count]texmap.Vertex
	aperture                aperture
	region                  portrait.Region
	anchor                  motion.Vec3
	live                    []uint16           // triangles of the chart that something is added to
	parted                  bool               // something is added between the lips
	at                      portrait.Alignment // of the mouth's region, pixels
}

// NewPosed makes one for a session.
func (v *Views) NewPosed() *Posed {
	n := 0
	for _, g := range v.groups {
		n = max(n, len(g.takes))
	}
	c := v.chart
	p := &Posed{Views: v, weight: make([]float32, n), kernel: make([]float32, n), near: make([]float32, n), feature: make([]float32, 0, 1024), region: portrait.Mouth()}
	p.shares = make([]int32, groupCount*persona.MaxViews)
	p.anchor = p.region.Anchor(v.rest)
	p.difference = texmap.NewDifference(c.w, c.h)
	p.live = make([]uint16, 0, len(c.triangles))
	y, u, w := p.difference.Planes()
	p.skin = v.skin.sewn(y, u, w, len(p.shares))
	for i, q := range c.uv {
		p.corners[i].S, p.corners[i].T = q.X, q.Y
	}
	if in := v.inside; in != nil {
		empty := spread([]byte{nothing, nothing, nothing, nothing})
		p.upper, p.scratch = slices.Repeat([]uint64{empty}, in.edge*in.edge), make([]byte, max(in.upper.length, in.lower.length))
		p.lower = slices.Clone(p.upper)
	}
	return p
}

var errSize = errors.New("views: the picture has another size than the views were made for")

// Paint adds to dst, in which the portrait is drawn for st, what its further views know, from the column left on. It does
// not allocate.
func (p *Posed) Paint(dst *frame.I420, st *motion.State, left int) error {
	p.Mix(st)
	return p.PaintRows(dst, planar.Band{Y1: p.size}, left)
}

// Mix is the first part of Paint, for those who paint some rows sooner than others, or on several threads: then comes PaintRows, of all
// rows together. It needs no picture.
func (p *Posed) Mix(st *motion.State) {
	for i, q := range st.Points {
		q = st.Head.Apply(q)
		p.corners[i].X, p.corners[i].Y = q.X*float32(p.size), q.Y*float32(p.size)
	}
	p.live = p.live[:0]
	if p.mixSkin(st) {
		p.findLive()
	}
	p.parted = p.mixInside(st)
}

// PaintRows adds to a band of dst, even rows, what Mix has mixed. Bands that do not overlap may be painted at the same time.
func (p *Posed) PaintRows(dst *frame.I420, bd planar.Band, left int) error {
	if dst.Width != p.size || dst.Height != p.size {
		return errSize
	}
	for _, k := range p.live {
		t := &p.chart.triangles[k]
		p.difference.Add(dst, bd, left, &p.corners[t[0]], &p.corners[t[1]], &p.corners[t[2]])
	}
	if p.parted {
		p.inside.paint(dst, bd, &p.aperture, &p.at, p.upper, p.lower, left)
	}
	return nil
}

// mixSkin mixes the residues of the skin; false if nothing counts.
func (p *Posed) mixSkin(st *motion.State) (some bool) {
	changed := uint(0)
	for k := range skinGroups {
		g := p.groups[k]
		w := p.weight[:len(g.takes)]
		g.weights(w, p.feature, p.kernel, st)
		if portion(p.shares[p.share(k, 0):], w) {
			changed |= 1 << k
		}
	}
	return p.skin.mix(p.shares, changed)
}

// findLive lists the triangles that are seen and that something is added to.
func (p *Posed) findLive() {
	c := p.chart
	for k := range c.triangles {
		if p.skin.bare(k) {
			continue
		}
		t := &c.triangles[k]
		v, w, x := &p.corners[t[0]], &p.corners[t[1]], &p.corners[t[2]]
		if usable(v) && usable(w) && usable(x) && c.sign*texmap.Area(v, w, x) > 0.05 {
			p.live = append(p.live, uint16(k)) //nolint:gosec // a persona has at most 4096 triangles
		}
	}
}

// usable refuses places that no picture has, numbers that are none included.
func usable(p *texmap.Vertex) bool {
	return p.X > -16000 && p.X < 16000 && p.Y > -16000 && p.Y < 16000
}

// mixInside mixes the inside of the mouth; false if nothing of it counts.
func (p *Posed) mixInside(st *motion.State) bool {
	in := p.inside
	if in == nil || !(st.Points[motion.LowerLipInner].Y-st.Points[motion.UpperLipInner].Y > 0) {
		return false
	}
	at := p.region.Align(&st.Head, p.anchor)
	if !p.aperture.read(&in.lips, st, &at) {
		return false
	}
	g := p.groups[groupInside]
	if !g.mouth(p.weight, p.near, p.feature, p.kernel, st) {
		return false
	}
	shares := p.shares[p.share(groupInside, 0):][:len(g.takes)]
	portion(shares, p.weight[:len(g.takes)])
	if !slices.ContainsFunc(shares, func(s int32) bool { return s != 0 }) {
		return false
	}
	a := &p.aperture
	top, low := a.rows()
	in.upper.mix(p.upper, p.scratch, in.edge, p.skin.parts, shares, top, min(low, a.high+overTo*a.height()))
	in.lower.mix(p.lower, p.scratch, in.edge, p.skin.parts, shares, max(top, a.high+overFrom*a.height())-a.sag+hung, low-a.sag+hung)
	p.at = at.Scaled(float32(p.size))
	return true
}
