package mesh

import (
	"math"
)

// mouth is what lies behind the lips of one portrait, in its palette.
type mouth struct {
	lips    lipContour
	g       *geometry
	scale   float32 // of teeth, 1 for a mouth of average width
	x, y, z float32 // head frame: between the upper incisors, their lower edge, their front
	bend    float32 // depth of the arch: z + bend*x*x
	half    float32 // half the arch's width
	upper   *toothRow
	lower   *toothRow
	tooth   texel // brightest tooth
	gum     texel
	dark    texel // the throat
	tongue  texel
	light   float32 // brightness gained per head unit to the right, a fraction
	own     *decal  // the picture's own open mouth; opacity says where; nil if closed
	gapRest float32 // lips' gap at rest, head units
}

// average width of the inner lips in head units, that the tooth sizes belong to.
const averageLips = 0.68

// newMouth measures the portrait's mouth.
func newMouth(g *geometry, pic picture) *mouth {
	m := &mouth{lips: innerLips(), g: g}
	l, r := g.points[78], g.points[308]
	width := float32(math.Hypot(float64(r.X-l.X), float64(r.Z-l.Z)))
	m.scale = min(max(width/averageLips, 0.75), 1.35)
	up, low := g.points[upperLipInner], g.points[lowerLipInner]
	m.x = (up.X + low.X) / 2
	m.y = up.Y + 0.035*m.scale
	m.z = up.Z + 0.07*m.scale
	m.bend, m.half = 2.6/m.scale, 0.44*m.scale
	m.upper, m.lower = newToothRow(upperTeeth(), m.scale), newToothRow(lowerTeeth(), m.scale)
	m.gapRest = max(low.Y-up.Y, 0)
	m.palette(pic)
	m.keepOwn(pic)
	return m
}

// mean averages the picture in small discs around landmarks.
func (g *geometry) mean(pic picture, landmarks ...uint16) texel {
	var t texel
	r := max(int(0.05*g.unit), 1)
	n := float32(0)
	for _, l := range landmarks {
		q := g.rest[l]
		for dy := -r; dy <= r; dy++ {
			for dx := -r; dx <= r; dx++ {
				x, y := int(q.X)+dx, int(q.Y)+dy
				t.y += pic[0].at(x, y)
				t.u += pic[1].at(x, y)
				t.v += pic[2].at(x, y)
				n++
			}
		}
	}
	return texel{t.y / n, t.u / n, t.v / n, 1}
}

// palette derives colours from skin and lips, so that a dark painting gets dark ivory and no white.
func (m *mouth) palette(pic picture) {
	g := m.g
	left, right := g.mean(pic, 205, 50, 187), g.mean(pic, 425, 280, 411)
	skin := lerp4(left, right, 0.5)
	lips := g.mean(pic, 37, 267, 0, 84, 314, 17)
	m.light = min(max((right.y-left.y)/max(skin.y-16, 20), -0.5), 0.5) * 0.7
	y := 16 + (max(left.y, right.y)*0.5+skin.y*0.5-16)*1.08
	m.tooth = texel{min(y, 205), 128 + (skin.u-128)*0.42, 128 + (skin.v-128)*0.30, 1}
	m.gum = texel{16 + (lips.y-16)*0.85, lips.u, 128 + (lips.v-128)*1.05, 1}
	m.dark = texel{16 + min((skin.y-16)*0.10, 14), 128 + (lips.u-128)*0.35, 128 + (lips.v-128)*0.55, 1}
	m.tongue = texel{16 + (lips.y-16)*0.75, lips.u, 128 + (lips.v-128)*0.95, 1}
}

// keepOwn keeps the picture's own open mouth.
func (m *mouth) keepOwn(pic picture) {
	if m.gapRest < 0.03 {
		return
	}
	g := m.g
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	var poly [22][2]float32
	for k := range 11 {
		u, l := g.rest[m.lips.upper[k]], g.rest[m.lips.lower[10-k]]
		poly[k], poly[11+k] = [2]float32{u.X, u.Y}, [2]float32{l.X, l.Y}
		x0, y0 = min(x0, u.X, l.X), min(y0, u.Y, l.Y)
		x1, y1 = max(x1, u.X, l.X), max(y1, u.Y, l.Y)
	}
	box := rect{max(int(x0)-3, 0), max(int(y0)-3, 0), min(int(x1)+4, pic[0].w), min(int(y1)+4, pic[0].h)}
	d := newDecal(pic, box, 0)
	var bright, n texel
	for o := range d.pix {
		x, y := float32(d.x+o%d.w)+0.5, float32(d.y+o/d.w)+0.5
		in := -polygonDistance(poly[:], x, y)
		d.pix[o].a = clamp01(in + 1)
		if t := d.pix[o]; in > 0.5 && t.y > m.tooth.y*0.75 && abs32(t.v-128) < 22 {
			bright.y, bright.u, bright.v = bright.y+t.y, bright.u+t.u, bright.v+t.v
			n.a++
		}
	}
	m.own = d
	if n.a > 0.02*g.unit*g.unit*0.2 {
		m.tooth = texel{min(bright.y/n.a*1.05, 215), bright.u / n.a, bright.v / n.a, 1}
	}
}

// polygonDistance is the distance from (x, y) to a closed polygon, negative inside (even-odd rule).
func polygonDistance(poly [][2]float32, x, y float32) float32 {
	d := float32(1e9)
	in := false
	j := len(poly) - 1
	for i := range poly {
		a, b := poly[j], poly[i]
		d = min(d, segment(x, y, a[0], a[1], b[0], b[1]+1e-4))
		if (a[1] > y) != (b[1] > y) && x < (b[0]-a[0])*(y-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
		j = i
	}
	if in {
		return -d
	}
	return d
}
