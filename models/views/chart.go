package views

import (
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	mostUnit = 84 // texels per head unit at most
	margin   = 2  // texels around the face
)

// chart is the face laid flat: each landmark of the skin has a place in texels, as seen from the front.
type chart struct {
	w, h      int
	unit      float32 // texels per head unit
	uv        [landmark.SkinCount]motion.Vec3
	triangles [][3]uint16                 // front ones, without those that span the mouth
	sign      float32                     // of their area in a picture
	texels    []texel                     // w x h
	towards   [landmark.SkinCount]float32 // 1 where the skin is seen from the front, 0 where it is seen from the side only
}

// texel says which triangle covers it, and how much its corners count.
type texel struct {
	triangle int32 // -1: none
	b, c     float32
}

func newChart(rest *motion.Rest, triangles [][3]uint16, unit float32) *chart {
	c := &chart{unit: min(unit, mostUnit)}
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	for i := range c.uv {
		p := rest.Points[i]
		x0, y0, x1, y1 = min(x0, p.X), min(y0, p.Y), max(x1, p.X), max(y1, p.Y)
	}
	for i := range c.uv {
		p := rest.Points[i]
		c.uv[i] = motion.Vec3{X: (p.X-x0)*c.unit + margin, Y: (p.Y-y0)*c.unit + margin}
	}
	whole := func(v float32, tile int) int { return (int(v*c.unit) + 2*margin + 1 + tile) / tile * tile }
	c.w, c.h = whole(x1-x0, tileWide), whole(y1-y0, tileHigh)
	c.texels = make([]texel, c.w*c.h)
	for i := range c.texels {
		c.texels[i].triangle = -1
	}
	c.face(rest, triangles)
	c.keep(triangles)
	for k, t := range c.triangles {
		c.cover(int32(k), t) //nolint:gosec // a persona has at most 4096 triangles
	}
	return c
}

// face finds out how much the skin around each landmark looks ahead: nostrils and the sides of the nose have few texels and much relief.
func (c *chart) face(rest *motion.Rest, triangles [][3]uint16) {
	var normal [landmark.SkinCount]motion.Vec3
	for _, t := range triangles {
		p, q, r := &rest.Points[t[0]], &rest.Points[t[1]], &rest.Points[t[2]]
		ax, ay, az, bx, by, bz := q.X-p.X, q.Y-p.Y, q.Z-p.Z, r.X-p.X, r.Y-p.Y, r.Z-p.Z
		for _, i := range t {
			n := &normal[i]
			n.X, n.Y, n.Z = n.X+ay*bz-az*by, n.Y+az*bx-ax*bz, n.Z+ax*by-ay*bx
		}
	}
	for i, n := range normal {
		if l := num.Sqrt(n.X*n.X + n.Y*n.Y + n.Z*n.Z); l > 0 {
			c.towards[i] = num.Smoothstep(0.25, 0.6, num.Abs(n.Z)/l)
		}
	}
}

// keep takes the triangles that look ahead.
func (c *chart) keep(triangles [][3]uint16) {
	inner := innerLips()
	lips := append(inner.upper[:], inner.lower[:]...)
	var sum float32
	for _, t := range triangles {
		sum += area(&c.uv[t[0]], &c.uv[t[1]], &c.uv[t[2]])
	}
	c.sign = num.Sign(sum)
	for _, t := range triangles {
		if slices.Contains(lips, t[0]) && slices.Contains(lips, t[1]) && slices.Contains(lips, t[2]) {
			continue
		}
		if c.sign*area(&c.uv[t[0]], &c.uv[t[1]], &c.uv[t[2]]) > 0.5 {
			c.triangles = append(c.triangles, t)
		}
	}
}

func (c *chart) cover(k int32, t [3]uint16) {
	p, q, r := &c.uv[t[0]], &c.uv[t[1]], &c.uv[t[2]]
	all := area(p, q, r)
	for y := int(min(p.Y, q.Y, r.Y)); y <= int(max(p.Y, q.Y, r.Y)) && y < c.h; y++ {
		for x := int(min(p.X, q.X, r.X)); x <= int(max(p.X, q.X, r.X)) && x < c.w; x++ {
			at := motion.Vec3{X: float32(x) + 0.5, Y: float32(y) + 0.5}
			b, g := area(p, &at, r)/all, area(p, q, &at)/all
			const slack = 0.001
			if b >= -slack && g >= -slack && b+g <= 1+slack {
				c.texels[y*c.w+x] = texel{k, b, g}
			}
		}
	}
}

// at is where a texel lies that t says, given places of the landmarks; false where no triangle is, or it looks away.
func (c *chart) at(t *texel, places *[landmark.Count]motion.Vec3) (x, y float32, ok bool) {
	if t.triangle < 0 {
		return 0, 0, false
	}
	tri := &c.triangles[t.triangle]
	p, q, r := &places[tri[0]], &places[tri[1]], &places[tri[2]]
	if c.sign*area(p, q, r) <= 0 {
		return 0, 0, false
	}
	a := 1 - t.b - t.c
	return a*p.X + t.b*q.X + t.c*r.X, a*p.Y + t.b*q.Y + t.c*r.Y, true
}

// fromLips is how far (x, y) lies from the inner edge of the lips, texels.
func (c *chart) fromLips(lips *lipContour, x, y float32) float32 {
	d := float32(1e9)
	for _, line := range [...]*[11]uint16{&lips.upper, &lips.lower} {
		for k := range len(line) - 1 {
			d = min(d, segment(x, y, &c.uv[line[k]], &c.uv[line[k+1]]))
		}
	}
	return d
}

// eyeOpenings tells of each triangle whether it lies between the lids.
func (c *chart) eyeOpenings() []bool {
	out := make([]bool, len(c.triangles))
	for _, e := range motion.Eyes() {
		around := append(append([]uint16{e.Outer, e.Inner}, e.Upper[:]...), e.Lower[:]...)
		for k, t := range c.triangles {
			if slices.Contains(around, t[0]) && slices.Contains(around, t[1]) && slices.Contains(around, t[2]) {
				out[k] = true
			}
		}
	}
	return out
}

// area is twice the signed area of a triangle.
func area(a, b, c *motion.Vec3) float32 { return (b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X) }

// lipContour is the inner edge of the lips from the picture's left corner to its right one, corners included.
type lipContour struct{ upper, lower [11]uint16 }

func innerLips() (c lipContour) {
	const inner = 3
	corners := motion.MouthCorners()
	for k, i := range [...]int{0, 10} {
		c.upper[i], c.lower[i] = corners[k][inner], corners[k][inner]
	}
	for i, column := range motion.LipColumns() {
		c.upper[i+1], c.lower[i+1] = column.Upper[inner], column.Lower[inner]
	}
	return c
}

// masks say how much each texel belongs to mouth, eyes, the rest and what lies between the lids; together they are 1 inside the face and
// fade to its outline, and to the edge of the lips, where a texel on the wrong side would be seen.
func (c *chart) masks() (of [skinGroups][]float32) {
	for k := range of {
		of[k] = make([]float32, c.w*c.h)
	}
	middle := func(a, b int) motion.Vec3 { return motion.Middle(c.uv[a], c.uv[b]) }
	lips := middle(motion.MouthLeft, motion.MouthRight)
	eyes := [2]motion.Vec3{middle(motion.LeftEyeOuter, motion.LeftEyeInner), middle(motion.RightEyeOuter, motion.RightEyeInner)}
	oval := motion.FaceOval()
	within, inner := c.eyeOpenings(), innerLips()
	for o := range c.texels {
		if c.texels[o].triangle < 0 {
			continue
		}
		if within[c.texels[o].triangle] {
			of[groupGaze][o] = 1
			continue
		}
		x, y := float32(o%c.w)+0.5, float32(o/c.w)+0.5
		near := func(m motion.Vec3, wide, high float32) float32 {
			dx, dy := (x-m.X)/(wide*c.unit), (y-m.Y)/(high*c.unit)
			return float32(math.Hypot(float64(dx), float64(dy)))
		}
		edge := float32(1e9)
		for k := range oval {
			edge = min(edge, segment(x, y, &c.uv[oval[k]], &c.uv[oval[(k+1)%len(oval)]]))
		}
		in := num.Smoothstep(0.02, 0.2, edge/c.unit) * num.Smoothstep(0, 0.02, c.fromLips(&inner, x, y)/c.unit)
		t, tri := &c.texels[o], &c.triangles[c.texels[o].triangle]
		in *= (1-t.b-t.c)*c.towards[tri[0]] + t.b*c.towards[tri[1]] + t.c*c.towards[tri[2]]
		mouth := 1 - num.Smoothstep(0.7, 1.15, near(lips, 0.85, 0.75))
		eye := 1 - num.Smoothstep(0.7, 1.15, min(near(eyes[0], 0.5, 0.42), near(eyes[1], 0.5, 0.42)))
		eye *= 1 - mouth
		of[groupMouth][o], of[groupEyes][o], of[groupRest][o] = in*mouth, in*eye, in*(1-mouth-eye)
	}
	return of
}

// segment is how far (x, y) lies from the line between a and b.
func segment(x, y float32, a, b *motion.Vec3) float32 {
	dx, dy := b.X-a.X, b.Y-a.Y
	t := float32(0)
	if l := dx*dx + dy*dy; l > 0 {
		t = num.Clamp01(((x-a.X)*dx + (y-a.Y)*dy) / l)
	}
	return float32(math.Hypot(float64(a.X+t*dx-x), float64(a.Y+t*dy-y)))
}
