package mouth

import (
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// A mouth is agape from a gap of agapeFrom head units on, and in full from agapeFull; it lets byYell of the light that is lacking reach
// the upper teeth.
const (
	agapeFrom = 0.24
	agapeFull = 0.40
	byYell    = 0.5
)

// throat is how bright, of skin, the dark behind a tongue is.
const throat = 0.36

// slit is how bright, of skin, is what shows between lips that hardly part.
const slit = 0.38

// cavity is throat and tongue: soft and of one colour, dark where no light reaches, brightest in front.
// Where it is agape a tongue stands out.
func (m *Posed) cavity(s, t, top, low float32) shade.Texel {
	x := s / (0.36 * m.scale * m.wide)
	front := num.Smoothstep(0.08, 0.88, (t-max(top, 0))/max(low-max(top, 0), 1))
	wide := 0.27 + 0.61*front*(1-0.5*num.Smoothstep(0.4, 1.1, num.Abs(x))) - 0.05*max(1-30*x*x, 0)*front
	wide *= 0.55 + 0.45*num.Smoothstep(0, 0.10*m.wide, low-t) // behind the lower lip
	light := slit + (wide-slit)*m.deep
	if m.agape > 0 {
		light += (m.tongue(s, t, top, low) - light) * m.agape
	}
	return dim(m.flesh, light)
}

// tongue is the light in a mouth that is agape: a back that rises out of the dark throat, rounds off to the sides and down to its tip, with
// a furrow along its middle.
func (m *Posed) tongue(s, t, top, low float32) float32 {
	mid, half := (m.to0+m.to1)/2, max((m.to1-m.to0)/2, 1)
	x := (s - mid) / half
	v := (t - max(top, 0)) / max(low-max(top, 0), 1)
	edge := 0.32 + 0.27*x*x
	body := num.Smoothstep(edge-0.16, edge+0.18, v) * (1 - num.Smoothstep(0.55, 1.08, num.Abs(x)))
	lift := (v - 0.72) / 0.5
	light := 0.50 + 0.30*max(1-lift*lift, 0)
	light -= 0.08 * max(1-70*x*x, 0) * num.Smoothstep(0.95, 0.6, v)
	return throat + (light-throat)*body
}

// dim is c in less light.
func dim(c shade.Texel, light float32) shade.Texel {
	k := redShade + (1-redShade)*light
	return shade.Texel{Y: 16 + (c.Y-16)*light, U: 128 + (c.U-128)*k, V: 128 + (c.V-128)*k, A: c.A}
}
