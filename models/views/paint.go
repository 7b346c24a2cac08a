package views

import (
	"errors"
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
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
	shares                  []int32          // of all groups of skin, then of the inside of the mouth; see Views.share
	difference              [2]*texmap.Adder // the same
	skin                    sewn
	upper, lower            []uint64 // of the inside of the mouth
	scratch                 []byte
	corners                 [landmark.Count]texmap.Vertex
	aperture                aperture
	region                  portrait.Region
	anchor                  motion.Vec3

	// What Mix found:
	some, open bool               // whether anything is to be added to the skin, and between the lips
	middle     int                // row of the picture that halves the face, even
	at         portrait.Alignment // of the mouth's region in the picture's pixels
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
	d := texmap.NewDifference(c.w, c.h)
	p.difference = [2]*texmap.Adder{d.NewAdder(), d.NewAdder()}
	y, u, w := d.Planes()
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
	if err := p.Fits(dst); err != nil {
		return err
	}
	p.Mix(st)
	p.addSkin(dst, planar.Band{Y1: p.size}, left, p.difference[0])
	p.AddInside(dst, left)
	return nil
}

// Fits refuses a picture of another size than the views were made for.
func (p *Posed) Fits(dst *frame.I420) error {
	if dst.Width != p.size || dst.Height != p.size {
		return errSize
	}
	return nil
}

// Mix is the first part of Paint, which needs no picture: what is to be added for st. Then come AddHalf of both halves, in any order or
// at the same time, and AddInside.
func (p *Posed) Mix(st *motion.State) {
	var top, low float32 = math.MaxFloat32, 0
	for i, q := range st.Points {
		q = st.Head.Apply(q)
		c := &p.corners[i]
		c.X, c.Y = q.X*float32(p.size), q.Y*float32(p.size)
		top, low = min(top, c.Y), max(low, c.Y)
	}
	p.middle = p.size / 4 * 2
	if m := (top + low) / 2; m > 0 && m < float32(p.size) {
		p.middle = int(m) &^ 1
	}
	p.some = p.mixSkin(st)
	p.open = p.mixInside(st)
}

// AddHalf adds to the upper (0) or the lower (1) half of dst, which must fit, what is known of the skin.
func (p *Posed) AddHalf(dst *frame.I420, half, left int) {
	rows := planar.Band{Y1: p.middle}
	if half == 1 {
		rows = planar.Band{Y0: p.middle, Y1: p.size}
	}
	p.addSkin(dst, rows, left, p.difference[half])
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

func (p *Posed) addSkin(f *frame.I420, rows planar.Band, left int, by *texmap.Adder) {
	if !p.some {
		return
	}
	from, to := float32(rows.Y0), float32(rows.Y1)
	c := p.chart
	for k := range c.triangles {
		t := &c.triangles[k]
		v, w, x := &p.corners[t[0]], &p.corners[t[1]], &p.corners[t[2]]
		if max(v.Y, w.Y, x.Y) < from || min(v.Y, w.Y, x.Y) > to || p.skin.bare(k) {
			continue
		}
		if usable(v) && usable(w) && usable(x) && c.sign*texmap.Area(v, w, x) > 0.05 {
			by.Add(f, rows, left, v, w, x)
		}
	}
}

// usable refuses places that no picture has, numbers that are none included.
func usable(p *texmap.Vertex) bool {
	return p.X > -16000 && p.X < 16000 && p.Y > -16000 && p.Y < 16000
}

// mixInside mixes what lies between the lips; false if there is nothing to add.
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
	in.upper.mix(p.upper, p.scratch, in.edge, p.skin.parts, shares)
	in.lower.mix(p.lower, p.scratch, in.edge, p.skin.parts, shares)
	p.at = at.Scaled(float32(p.size))
	return true
}

// AddInside lays what was mixed between the lips of dst, which must fit.
func (p *Posed) AddInside(dst *frame.I420, left int) {
	if p.open {
		p.inside.paint(dst, &p.aperture, &p.at, p.upper, p.lower, left)
	}
}
