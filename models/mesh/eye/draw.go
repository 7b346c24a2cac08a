package eye

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Posed is one eye in one pose; it draws with the eye's parts. One goroutine owns it.
type Posed struct {
	*Eye
	on      bool
	to      shade.Affine // local to output pixels
	opening shade.Curve  // upper edge now, local
	floor   shade.Curve  // lower edge now, local
	gaze    [2]float32
	shadow  float32
	shut    float32    // 0 while the lids are well apart, 1 when they meet: how far the lashes' own line is in
	outer   float32    // 1 if the outer corner is the right one, else -1
	still   float32    // 1 near the picture's own gaze and opening, where the picture itself is best
	thick   float32    // height of the upper lid's strip now, pixels
	nose    [3]float32 // a*x + b*y + c is the distance from the bridge's ridge, positive on the eye's side
	box     planar.Rect
}

// NewPosed returns the eye without a pose: it draws nothing before Set.
func (e *Eye) NewPosed() *Posed {
	n := len(e.upper.Value)
	return &Posed{Eye: e, opening: shade.NewCurve(e.upper.From, n), floor: shade.NewCurve(e.upper.From, n)}
}

// Set reads lids and gaze of p. It allocates nothing.
func (e *Posed) Set(p *pose.Pose) {
	l, r := p.Screen[e.lids.upper[0]], p.Screen[e.lids.upper[8]]
	dx, dy := p.Tilt[0]*e.down[0]+p.Tilt[1]*e.down[1], p.Tilt[2]*e.down[0]+p.Tilt[3]*e.down[1]
	e.to, e.on = shade.NewAffine((l.X+r.X)/2, (l.Y+r.Y)/2, (r.X-l.X)/e.length, (r.Y-l.Y)/e.length, dx, dy)
	if !e.on {
		return
	}
	e.outer = 2*float32(e.index) - 1
	e.bridge(p, -e.outer)
	var us, ut, ls, lt [9]float32
	e.project(&e.to, p.Screen[:], &us, &ut, &ls, &lt)
	open := min(max(meanGap(&ut, &lt)/max(e.gap, 0.02*e.length), 0), 2.5)
	open *= num.Clamp01(p.Lid[e.index] / 0.05)
	e.shadow = num.Clamp01(1 - open)
	e.shut = 1 - num.Smoothstep(lashFull, lashBegin, open)
	e.floor.Fit(ls[:], lt[:])
	top, low := float32(0), float32(0)
	for i := range e.floor.Value {
		v := e.lower.Value[i] + min(max(e.floor.Value[i]-e.lmLower.Value[i], -0.4*e.length), 0.4*e.length)
		e.floor.Value[i] = v
	}
	if e.shut > 0 {
		e.arc(&e.floor, e.shut)
	}
	for i, v := range e.floor.Value {
		// Shut, the upper lashes come to lie on the lower rim, except in the corners.
		wide := e.lower.Value[i] - e.upper.Value[i]
		x := e.across(e.floor.From + float32(i))
		e.opening.Value[i] = v - wide*open + min(lidOverlap*e.length, 0.4*wide)*e.shadow*(1-e.shut*min(0.35+0.65*x*x, 1))
		top, low = min(top, e.opening.Value[i], e.upper.Value[i]), max(low, v, e.lower.Value[i])
	}
	e.still = 1 - num.Smoothstep(0.05, 0.35, num.Abs(open-1))
	q := p.Screen[e.lids.iris]
	s, t := e.to.Back(q.X, q.Y)
	e.gaze = [2]float32{num.Bound(s-e.centre[0], 0.4*e.length), num.Bound(t-e.centre[1], 0.4*e.length)}
	e.still *= num.Exp(-(e.gaze[0]*e.gaze[0] + e.gaze[1]*e.gaze[1]) / (0.0016 * e.length * e.length))
	e.thick = (lashHeight + (lidUpper+0.04-lashHeight)*num.Clamp01(open)) * e.length
	wing := lashWing * e.length
	e.box = e.to.Box(-e.left-wing, top-e.thick-e.fade(), e.right+wing, low+lidLower*e.length+e.fade())
	if e.shut > 0 {
		wing = shutWingEnd * e.length
		e.box = e.to.Box(-e.left-wing, top-shutUpperEnd*e.length, e.right+wing, low+shutLowerEnd*e.length)
	}
	if e.hair != nil {
		e.box = e.to.Box(-shutEdgeEnd*e.length, min(top, 0)-hairEnd*e.length, shutEdgeEnd*e.length, low+0.3*e.length)
	}
}

// bridge finds the ridge of the nose, which hides the far eye of a head turned away. side is 1 for the eye on the
// picture's left.
func (e *Posed) bridge(p *pose.Pose, side float32) {
	a, b := p.Screen[motion.BridgeTop], p.Screen[motion.BridgeLow]
	dx, dy := b.X-a.X, b.Y-a.Y
	n := num.Sqrt(dx*dx + dy*dy)
	if n < 1 {
		e.nose = [3]float32{0, 0, 1}
		return
	}
	// Downwards along the ridge, the picture's left is where dy*x - dx*y shrinks.
	nx, ny := -dy/n*side, dx/n*side
	e.nose = [3]float32{nx, ny, -nx*a.X - ny*a.Y}
}

// Draw paints the eye into the band of f. Bands may be drawn at the same time, each with scratch of its own.
func (e *Posed) Draw(f *frame.I420, bd planar.Band, scratch *shade.Patch) {
	if e.on {
		scratch.Paint(f, bd, e.box, e)
	}
}

// Shade implements shade.Shader.
func (e *Posed) Shade(x, y float32) shade.Texel {
	s, t := e.to.Back(x, y)
	nose := num.Clamp01(e.nose[0]*x + e.nose[1]*y + e.nose[2] + 0.5)
	side := e.side(s) * nose
	if side == 0 && (e.shut == 0 || nose == 0) {
		return e.behindHair(shade.Texel{}, s, t, nose)
	}
	up, low := e.opening.At(s), e.floor.At(s)
	above, below := up-t, t-low
	var out shade.Texel
	if e.shut < 1 {
		out = e.edges(s, above, below, side, up > low)
	}
	if e.shut > 0 {
		out = e.skinUnder(out, s, t, nose)
		out.Y -= (out.Y - 16) * e.underLash(s, -above)
	}
	in := min(num.Clamp01(0.5-above), num.Clamp01(0.5-below), num.Clamp01((low-up)*0.8))
	if in > 0 {
		out = e.reveal(out, s, t, above, in, in*side)
	}
	if e.shut > 0 {
		if k := e.lash(s, -above); k > 0 {
			line := e.line.colour
			line.A = k * nose
			out = shade.Over(line, out)
		}
	}
	return e.behindHair(out, s, t, nose)
}

// behindHair lays what hangs before the eye over what is there.
func (e *Posed) behindHair(out shade.Texel, s, t, opacity float32) shade.Texel {
	if e.hair == nil || opacity == 0 {
		return out
	}
	x, y := e.frame.To(s, t)
	if !e.hair.Has(x, y) {
		return out
	}
	h := e.hair.Sample(x, y)
	if h.A *= opacity; h.A == 0 {
		return out
	}
	return shade.Over(h, out)
}

// edges is the lids' own picture beside their edges; above and below are distances outwards from these.
func (e *Posed) edges(s, above, below, side float32, met bool) shade.Texel {
	lower := (lidLower + 0.03) * e.length
	if above > e.thick+e.fade() || below > lower+e.fade() {
		return shade.Texel{}
	}
	var out shade.Texel
	// Half a pixel to either side of an edge is shared.
	over := num.Clamp01(0.5 + min(above, (above-below)/2))
	if met {
		over = num.Clamp01(0.5 + above)
	}
	if over > 0 {
		out = e.strip(s, e.upper.At(s)-max(above, 0), side*(1-num.Smoothstep(e.thick, e.thick+e.fade(), above)))
	}
	if over < 1 {
		t := e.lower.At(s) + max(below, 0) + 0.5*lidOverlap*e.length*e.shadow
		low := e.strip(s, t, side*(1-num.Smoothstep(lower, lower+e.fade(), below)))
		if over == 0 {
			out = low
		} else {
			out = shade.Lerp(low, out, over)
		}
	}
	return out
}

// skinUnder puts a shut eye's skin behind what is there, as far as the eye is shut.
func (e *Posed) skinUnder(out shade.Texel, s, t, opacity float32) shade.Texel {
	x, y := e.frame.To(s, t)
	d := e.over
	i, j := int(x)-d.X, int(y)-d.Y
	if uint(i) >= uint(d.W) || uint(j) >= uint(d.H) || d.Pix[j*d.W+i].A == 0 || out.A >= 1 {
		return out
	}
	k := d.Sample(x, y)
	k.A *= e.shut * opacity
	return shade.Over(out, k)
}

// reveal puts the eyeball on top of the lids: its share of the colour is in, of the opacity k.
func (e *Posed) reveal(out shade.Texel, s, t, above, in, k float32) shade.Texel {
	b := e.globe(s, t)
	if e.shadow > 0 {
		b = b.Dim(1 - 0.3*e.shadow*num.Exp(above/(0.10*e.length)))
	}
	a := out.A + (1-out.A)*k
	return shade.Texel{Y: out.Y + (b.Y-out.Y)*in, U: out.U + (b.U-out.U)*in, V: out.V + (b.V-out.V)*in, A: a}
}

func (e *Posed) fade() float32 { return lashFade * e.length }

// strip is the picture's own lid edge, found at local (s, t) at rest.
func (e *Posed) strip(s, t, opacity float32) shade.Texel {
	c := e.skin.Sample(e.frame.To(s, t))
	c.A = opacity * (1 - e.shut)
	return c
}

// globe is the eyeball with its iris at local (s, t).
func (e *Posed) globe(s, t float32) shade.Texel {
	c := e.ball.Sample(e.frame.To(s, t))
	i := e.iris.Sample(e.frame.To(s-e.gaze[0], t-e.gaze[1]))
	c = c.Blend(i, 1)
	if e.still > 0 {
		c = shade.Lerp(c, e.skin.Sample(e.frame.To(s, t)), e.still)
	}
	return c
}
