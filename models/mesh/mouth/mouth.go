package mouth

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Mouth is what lies behind the lips of one portrait, in its palette; immutable and shared.
type Mouth struct {
	lips    lipContour
	g       *pose.Geometry
	scale   float32 // of teeth, 1 for a mouth of average width
	x, y, z float32 // head frame: between the upper incisors, their lower edge, their front
	bend    float32 // depth of the arch: z + bend*x*x
	half    float32 // half the arch's width
	upper   *toothRow
	lower   *toothRow
	tooth   shade.Texel // brightest tooth
	gum     shade.Texel
	flesh   shade.Texel  // tongue and throat in the light of the skin; they lie in shade
	bleed   float32      // share of the lips' and tongue's colour that a soft picture mixes into the teeth
	light   float32      // brightness gained per head unit to the right, a fraction
	own     *shade.Decal // the picture's own open mouth; nil if closed
	ownEdge *shade.Decal // for the same pixels: y is the distance below the upper lip, u that above the lower one, head units
	gapRest float32      // lips' gap at rest, head units
}

// hang is how far the upper incisors' edge hangs below a lip at rest, head units: over five strangers 0 to 2.4 mm.
const hang = 0.022

// A soft picture's colours are softer than its light: at bleedFrom, head units of blur, bleedMost of what teeth show is what lies around them.
const (
	bleedFrom = 0.02
	bleedMost = 0.3
)

// average width of the inner lips in head units, that the tooth sizes belong to.
const averageLips = 0.68

// New measures the mouth in the portrait's picture, which is in texture pixels and stays untouched.
func New(g *pose.Geometry, pic planar.Picture) *Mouth {
	m := &Mouth{lips: innerLips(), g: g}
	l, r := g.Points[78], g.Points[308]
	width := float32(math.Hypot(float64(r.X-l.X), float64(r.Z-l.Z)))
	m.scale = min(max(width/averageLips, 0.75), 1.35)
	up, low := g.Points[motion.UpperLipInner], g.Points[motion.LowerLipInner]
	m.x = (up.X + low.X) / 2
	m.y = up.Y + hang*m.scale
	m.z = up.Z + 0.07*m.scale
	m.bend, m.half = 1.7/m.scale, 0.46*m.scale
	m.upper, m.lower = newToothRow(upperTeeth(), m.scale), newToothRow(lowerTeeth(), m.scale)
	soft := softness(g, pic) / g.Unit
	m.upper.soften(soft)
	m.lower.soften(soft)
	m.bleed = bleedMost * num.Clamp01(soft/bleedFrom)
	m.gapRest = max(low.Y-up.Y, 0)
	m.palette(pic)
	m.keepOwn(pic)
	return m
}

// usualSkinU is the U of skin in white light, give or take a few.
const usualSkinU = 110

// eyeWhite is the luma of the eyes' white where it is brightest, between irises and corners. Over 15 photographs and paintings of
// lighter skin, 0.9 of it was at most a tenth more than what skin said about teeth; both have since been raised alike.
func eyeWhite(g *pose.Geometry, pic planar.Picture) float32 {
	var best float32
	for _, e := range motion.Eyes() {
		c, edge := g.At[e.Iris[0]], g.At[e.Iris[1]]
		r := num.Sqrt((edge.X-c.X)*(edge.X-c.X) + (edge.Y-c.Y)*(edge.Y-c.Y))
		for _, k := range [...]uint16{e.Outer, e.Inner} {
			q := g.At[k]
			dx, dy := q.X-c.X, q.Y-c.Y
			limbus := r / max(num.Sqrt(dx*dx+dy*dy), r)
			for _, part := range [...]float32{0.25, 0.4, 0.55} {
				at := limbus + (1-limbus)*part
				best = max(best, pic[0].Sample(c.X+dx*at, c.Y+dy*at))
			}
		}
	}
	return best
}

// palette derives colours from skin and lips, so that a dark painting gets dark ivory and no white.
func (m *Mouth) palette(pic planar.Picture) {
	g := m.g
	left, right := shade.Opaque(g.Mean(pic, 205, 50, 187)), shade.Opaque(g.Mean(pic, 425, 280, 411))
	skin := shade.Lerp(left, right, 0.5)
	lips := shade.Opaque(g.Mean(pic, 37, 267, 0, 84, 314, 17))
	m.light = min(max((right.Y-left.Y)/max(skin.Y-16, 20), -0.5), 0.5) * 0.7
	// Teeth are as bright as the light: eyes tell that for dark skin, whose owner's teeth are no darker than another's.
	y := 16 + (max(left.Y, right.Y)*0.5+skin.Y*0.5-16)*1.28
	y += max(0.98*eyeWhite(g, pic)-y, 0) * (1 - num.Smoothstep(95, 140, skin.Y))
	// Skin that is yellower than skin is seen through varnish or in a warm light: so are the teeth.
	varnish := min(skin.U-usualSkinU, 0) * 0.5
	m.tooth = shade.Texel{Y: min(y, 216), U: 126 + (skin.U-128)*0.40 + varnish, V: 128 + (skin.V-128)*0.38 - varnish*0.55, A: 1}
	m.gum = shade.Texel{Y: 16 + (lips.Y-16)*0.85, U: lips.U, V: 128 + (lips.V-128)*1.05, A: 1}
	// Lips have to stand out from what lies behind them: dark lips have a darker mouth.
	m.flesh = shade.Texel{Y: 16 + min(skin.Y-16, (lips.Y-16)*1.25), U: lips.U, V: 128 + (lips.V-128)*1.08, A: 1}
}

// keepOwn keeps the picture's own open mouth, and hangs the drawn teeth where the picture's are.
func (m *Mouth) keepOwn(pic planar.Picture) {
	if m.gapRest < 0.03 {
		return
	}
	g := m.g
	var us, ut, ls, lt [11]float32
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	across := [2]float32{g.Down[1], -g.Down[0]}
	for k := range 11 {
		u, l := g.At[m.lips.upper[k]], g.At[m.lips.lower[k]]
		us[k], ut[k] = u.X*across[0]+u.Y*across[1], u.X*g.Down[0]+u.Y*g.Down[1]
		ls[k], lt[k] = l.X*across[0]+l.Y*across[1], l.X*g.Down[0]+l.Y*g.Down[1]
		x0, y0 = min(x0, u.X, l.X), min(y0, u.Y, l.Y)
		x1, y1 = max(x1, u.X, l.X), max(y1, u.Y, l.Y)
	}
	box := planar.Rect{X0: int(x0) - 3, Y0: int(y0) - 3, X1: int(x1) + 4, Y1: int(y1) + 4}.Within(pic[0].W, pic[0].H)
	m.own, m.ownEdge = shade.NewDecal(pic, box, 1), shade.NewDecal(pic, box, 1)
	top, low := shade.NewCurve(us[0], int(us[10]-us[0])+2), shade.NewCurve(us[0], int(us[10]-us[0])+2)
	top.Fit(us[:], ut[:])
	low.Fit(ls[:], lt[:])
	var bright shade.Texel
	var n float32
	var depth []float32 // of bright pixels in the middle below the upper lip's landmark, head units
	mid := (us[5] + ls[5]) / 2
	for o, c := range m.own.Pix {
		x, y := float32(box.X0+o%m.own.W)+0.5, float32(box.Y0+o/m.own.W)+0.5
		s, t := x*across[0]+y*across[1], x*g.Down[0]+y*g.Down[1]
		d := &m.ownEdge.Pix[o]
		d.Y, d.U = (t-top.At(s))/g.Unit, (low.At(s)-t)/g.Unit
		if d.Y > 0 && d.U > 0 && c.Y > m.tooth.Y*0.72 && num.Abs(c.V-128) < 20 {
			bright.Y, bright.U, bright.V = bright.Y+c.Y, bright.U+c.U, bright.V+c.V
			n++
			if num.Abs(s-mid) < 0.12*g.Unit {
				depth = append(depth, (t-ut[5])/g.Unit)
			}
		}
	}
	m.own = m.own.Refined()
	if n > 0.006*g.Unit*g.Unit {
		// What shines between lips may be wet or stray chroma: a hue far from that of teeth in this light is neither.
		u, v := num.Bound(bright.U/n-m.tooth.U, 8), num.Bound(bright.V/n-m.tooth.V, 5)
		m.tooth = shade.Texel{Y: min(bright.Y/n*1.06, 215), U: m.tooth.U + u, V: m.tooth.V + v, A: 1}
	}
	if len(depth) > 4 {
		m.y = g.Points[motion.UpperLipInner].Y + rowEdge(depth, max(0.01, 2/g.Unit)) + 0.01
	}
}

// rowEdge is where the upper of the rows of teeth ends whose bright pixels lie at depths, head units below the lip; bin is how far pixels are
// apart.
func rowEdge(depths []float32, bin float32) float32 {
	const longest = 0.18 // no crown is longer
	count := make([]int, max(int(longest/bin), 1))
	most := 0
	for _, d := range depths {
		if i := int(d / bin); i >= 0 && i < len(count) {
			count[i]++
			most = max(most, count[i])
		}
	}
	begun := false
	for i, n := range count {
		if 4*n >= most && n > 0 {
			begun = true
		} else if begun {
			return float32(i) * bin
		}
	}
	return bin * float32(len(count))
}
