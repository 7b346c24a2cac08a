package perform

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Places on the average face, head frame.
const (
	cornerX, cornerY = 0.39, 1.112 // mouth corner
	mouthY           = 1.11
	browY            = -0.34
)

// weighJaw says how much of the jaw's turn each landmark takes.
func (r *rig) weighJaw() {
	for i, p := range r.rest {
		r.jaw[i] = num.Smoothstep(0.95, 1.35, p.Y) * (1 - 0.75*num.Smoothstep(0.25, 0.85, p.Z))
		r.lips[i] = num.Bump((abs(p.X)-0.15)/0.6) * num.Bump((p.Y-mouthY)/0.45)
		if abs(p.X) < 0.15 {
			r.lips[i] = num.Bump((p.Y - mouthY) / 0.45)
		}
	}
	along := [9]float32{0.55, 0.83, 0.95, 0.99, 1, 0.99, 0.95, 0.83, 0.55}
	for k, c := range motion.LipColumns() {
		for ring := range 4 {
			r.jaw[c.Lower[ring]] = along[k]
			r.jaw[c.Upper[ring]] = 0.03 + 0.35*(1-along[k])
			r.lips[c.Lower[ring]], r.lips[c.Upper[ring]] = 1, 1
		}
	}
	for _, corner := range motion.MouthCorners() {
		for _, i := range corner {
			r.jaw[i], r.lips[i] = 0.36, 1
		}
	}
}

// writeLift says how the upper lip rises with an opening jaw, its inner edge most. People who talk open a mouth upwards
// too: on three of them, filmed and tracked, a quarter to a half of the gap was the upper lip's, which got thinner by a
// tenth and more. That bares the upper teeth; a mouth that opens downwards only shows a dark hole under a thick lip.
func (r *rig) writeLift() {
	const most = 0.12 // head units
	upper, lower, inside := r.lipTables()
	for i, p := range r.rest {
		skin := 0.6 * num.Bump(p.X/0.42) * num.Bump((p.Y-0.98)/0.35) * (1 - upper[i]) * (1 - lower[i])
		r.lift[i] = most * max(upper[i]*(0.75+0.25*inside[i])*num.Bump(p.X/0.45), skin)
	}
}

// add gives a control its field.
func (r *rig) add(k control, f func(i int, p vec) vec) {
	for i, p := range r.rest {
		r.field[k][i] = f(i, p)
	}
	r.active = append(r.active, k)
}

// writeMouth writes what lips do in speech.
func (r *rig) writeMouth() {
	upper, lower, inside := r.lipTables()
	r.add(wide, func(i int, p vec) vec {
		return vec{X: 0.30 * p.X * r.lips[i], Z: 0.10 * p.X * p.X * r.lips[i]}
	})
	r.add(pucker, func(i int, p vec) vec {
		grow := 0.03 * (upper[i] - lower[i]) * (1 - inside[i]) // lips turn out
		return vec{X: -0.45 * p.X * r.lips[i], Y: -grow, Z: -0.12 * r.lips[i] * num.Bump(p.X/0.6)}
	})
	r.add(upperLip, func(i int, p vec) vec {
		near := num.Bump(p.X/0.42) * num.Bump((p.Y-0.98)/0.35)
		return vec{Y: -0.09 * max(upper[i]*num.Bump(p.X/0.45), (1-lower[i])*(1-upper[i])*near*0.8)}
	})
	r.add(lowerLip, func(i int, p vec) vec {
		near := num.Bump(p.X/0.45) * num.Bump((p.Y-1.3)/0.3)
		return vec{Y: 0.10 * max(lower[i]*num.Bump(p.X/0.45), (1-lower[i])*(1-upper[i])*near*0.6)}
	})
	r.add(tuck, func(i int, p vec) vec {
		up := lower[i] * num.Bump(p.X/0.45)
		return vec{Y: -0.04*up - 0.045*upper[i]*num.Bump(p.X/0.45), Z: 0.07 * up}
	})
	r.add(press, func(i int, p vec) vec {
		out := 1 - inside[i]
		return vec{Y: 0.035*out*upper[i]*num.Bump(p.X/0.45) - 0.05*out*lower[i]*num.Bump(p.X/0.45)}
	})
}

// lipTables give 1 for landmarks of the upper lip, the lower lip, and by how far inside of its lip each is.
func (r *rig) lipTables() (upper, lower, inside [478]float32) {
	for _, c := range r.columns {
		for k := range 4 {
			upper[c.Upper[k]], lower[c.Lower[k]] = 1, 1
			inside[c.Upper[k]], inside[c.Lower[k]] = float32(k)/3, float32(k)/3
		}
	}
	return upper, lower, inside
}

// writeSmile writes smile, frown and squint: the corners of the mouth and what they take along.
func (r *rig) writeSmile() {
	onLips := [478]bool{}
	for _, c := range r.columns {
		for k := range 4 {
			onLips[c.Upper[k]], onLips[c.Lower[k]] = true, true
		}
	}
	pull := func(i int, p vec) float32 {
		if onLips[i] {
			return float32(math.Pow(float64(min(abs(p.X)/cornerX, 1)), 1.6))
		}
		dx, dy := (abs(p.X)-cornerX)/0.55, (p.Y-cornerY)/0.6
		return num.Bump(float32(math.Hypot(float64(dx), float64(dy))))
	}
	r.add(smile, func(i int, p vec) vec {
		w := pull(i, p)
		side := float32(1)
		if p.X < 0 {
			side = -1
		}
		cheek := num.Bump((abs(p.X)-0.66)/0.5) * num.Bump((p.Y-0.55)/0.45) // cheeks rise below the eyes
		return vec{X: side * (0.17*w + 0.01*cheek), Y: -0.10*w - 0.055*cheek, Z: 0.07*w - 0.03*cheek}
	})
	r.add(frown, func(i int, p vec) vec {
		w := pull(i, p)
		chin := num.Bump(p.X/0.4) * num.Bump((p.Y-1.5)/0.35)
		return vec{X: -0.04 * p.X * w, Y: 0.085*w - 0.03*chin}
	})
}

// writeBrows writes brows and forehead.
func (r *rig) writeBrows() {
	high := func(p vec) float32 { // most at the brow, fading over the forehead and down to the lid
		if p.Y < browY {
			return 1 - num.Smoothstep(-browY, 0.95, -p.Y)
		}
		return 1 - num.Smoothstep(browY, -0.08, p.Y)
	}
	inner := func(p vec) float32 { return num.Bump((abs(p.X) - 0.22) / 0.5) }
	outer := func(p vec) float32 { return num.Bump((abs(p.X) - 0.75) / 0.55) }
	r.add(browInner, func(_ int, p vec) vec { return vec{Y: -0.15 * high(p) * inner(p)} })
	r.add(browOuter, func(_ int, p vec) vec { return vec{Y: -0.15 * high(p) * outer(p)} })
	r.add(knit, func(_ int, p vec) vec {
		w := high(p) * inner(p)
		return vec{X: -0.22 * p.X * w, Y: 0.06 * w}
	})
}

func abs(v float32) float32 { return max(v, -v) }
