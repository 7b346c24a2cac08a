package life

import "math/rand/v2"

const (
	blinkClose = 0.085 // s; lids fall faster than they rise
	blinkShut  = 0.035
	blinkOpen  = 0.17
	blinkWhole = blinkClose + blinkShut + blinkOpen
)

// blink plays blinks at natural intervals: about every four seconds, irregular, now and then a double one.
type blink struct {
	next float64 // s until the next one begins
	age  float64 // s into the one under way; negative when none is
}

// schedule sets the next blink at least after seconds away.
func (b *blink) schedule(rnd *rand.Rand, after float64) {
	b.age = -1
	b.next = after + min(rnd.ExpFloat64()*2.4, 6)
}

func (b *blink) advance(rnd *rand.Rand, dt float64) {
	if b.age < 0 {
		b.next -= dt
		if b.next > 0 {
			return
		}
		b.age = 0
		return
	}
	b.age += dt
	if b.age < blinkWhole {
		return
	}
	if rnd.Float64() < 0.12 {
		b.age, b.next = -1, 0.12
		return
	}
	b.schedule(rnd, 1.4)
}

// opening is the lids' present opening, 0..1.
func (b *blink) opening() float32 {
	switch t := b.age; {
	case t < 0:
		return 1
	case t < blinkClose:
		return 1 - ease(t/blinkClose)
	case t < blinkClose+blinkShut:
		return 0
	case t < blinkWhole:
		return ease((t - blinkClose - blinkShut) / blinkOpen)
	}
	return 1
}

func ease(t float64) float32 { return float32(t * t * (3 - 2*t)) }
