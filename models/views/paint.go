package views

import (
	"errors"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Posed adds to the pictures of one session. One goroutine owns it.
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
	if dst.Width != p.size || dst.Height != p.size {
		return errSize
	}
	for i, q := range st.Points {
		q = st.Head.Apply(q)
		p.corners[i].X, p.corners[i].Y = q.X*float32(p.size), q.Y*float32(p.size)
	}
	if p.mixSkin(st) {
		p.paintSkin(dst, left)
	}
	p.paintInside(dst, st, left)
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

func (p *Posed) paintSkin(f *frame.I420, left int) {
	c := p.chart
	for k := range c.triangles {
		if p.skin.bare(k) {
			continue
		}
		t := &c.triangles[k]
		v, w, x := &p.corners[t[0]], &p.corners[t[1]], &p.corners[t[2]]
		if usable(v) && usable(w) && usable(x) && c.sign*texmap.Area(v, w, x) > 0.05 {
			p.difference.Add(f, left, v, w, x)
		}
	}
}

// usable refuses places that no picture has, numbers that are none included.
func usable(p *texmap.Vertex) bool {
	return p.X > -16000 && p.X < 16000 && p.Y > -16000 && p.Y < 16000
}

func (p *Posed) paintInside(f *frame.I420, st *motion.State, left int) {
	in := p.inside
	if in == nil || !(st.Points[motion.LowerLipInner].Y-st.Points[motion.UpperLipInner].Y > 0) {
		return
	}
	at := p.region.Align(&st.Head, p.anchor)
	if !p.aperture.read(&in.lips, st, &at) {
		return
	}
	g := p.groups[groupInside]
	if !g.mouth(p.weight, p.near, p.feature, p.kernel, st) {
		return
	}
	shares := p.shares[p.share(groupInside, 0):][:len(g.takes)]
	portion(shares, p.weight[:len(g.takes)])
	if !slices.ContainsFunc(shares, func(s int32) bool { return s != 0 }) {
		return
	}
	in.upper.mix(p.upper, p.scratch, in.edge, p.skin.parts, shares)
	in.lower.mix(p.lower, p.scratch, in.edge, p.skin.parts, shares)
	px := at.Scaled(float32(p.size))
	in.paint(f, &p.aperture, &px, p.upper, p.lower, left)
}
