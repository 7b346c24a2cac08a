package perform

import "math"

// viseme is what the mouth does for one sound.
type viseme struct{ jaw, wide, pucker, upper, lower, tuck, press, seal float64 }

// sounds of speech by mouth shape.
func visemeAA() viseme   { return viseme{jaw: 0.72, lower: 0.25, upper: 0.15} }
func visemeUH() viseme   { return viseme{jaw: 0.42, lower: 0.2, upper: 0.1} }
func visemeEE() viseme   { return viseme{jaw: 0.17, wide: 0.6, upper: 0.3, lower: 0.4} }
func visemeEH() viseme   { return viseme{jaw: 0.38, wide: 0.3, upper: 0.2, lower: 0.25} }
func visemeOO() viseme   { return viseme{jaw: 0.2, pucker: 0.9} }
func visemeOH() viseme   { return viseme{jaw: 0.5, pucker: 0.6} }
func visemeMM() viseme   { return viseme{jaw: 0.06, press: 0.5, seal: 1} }
func visemeFF() viseme   { return viseme{jaw: 0.1, tuck: 1, wide: 0.1} }
func visemeSS() viseme   { return viseme{jaw: 0.08, wide: 0.25, upper: 0.25, lower: 0.35} }
func visemeTT() viseme   { return viseme{jaw: 0.2, upper: 0.1, lower: 0.2} }
func visemeRest() viseme { return viseme{seal: 1} }

// say adds a sound and returns when it ends.
func (t *timeline) say(at, long, loud float64, v viseme) float64 {
	v.jaw *= loud
	t.sounds = append(t.sounds, sound{at: at + long/2, width: long / 2, shape: v})
	return at + long
}

// speak adds the mouth of speech: visemes blended by dominance (after Cohen and Massaro 1993), so that each
// colours its neighbours; lips that must meet do meet.
func (t *timeline) speak(now float64, c *controls) {
	const reach = 3.0
	const longest = 0.11 // s over which a sound comes and goes at most
	const partTime = 0.1 // s that lips need to part
	rest := visemeRest()
	sum, v := 0.02, viseme{jaw: 0, seal: 0}
	var sealed float64
	for i := range t.sounds {
		s := &t.sounds[i]
		shoulder := min(s.width, longest) // a held sound has a flat top
		d := max(math.Abs(now-s.at)-s.width+shoulder, 0) / shoulder
		if d > reach {
			continue
		}
		w := math.Exp(-0.8 * d * d)
		sum += w
		v.jaw += w * s.shape.jaw
		v.wide += w * s.shape.wide
		v.pucker += w * s.shape.pucker
		v.upper += w * s.shape.upper
		v.lower += w * s.shape.lower
		v.tuck += w * s.shape.tuck
		v.press += w * s.shape.press
		if s.shape.seal > 0 { // full in the middle of the sound, gone when its neighbour is reached
			open := (math.Abs(now-s.at) - 0.5*s.width) / max(1.2*s.width, partTime)
			sealed = max(sealed, s.shape.seal*smooth(1-min(max(open, 0), 1)))
		}
	}
	if len(t.sounds) == 0 {
		return
	}
	silent := 0.02 / sum // the weight of rest
	c[jaw] += v.jaw / sum
	c[wide] += v.wide / sum
	c[pucker] += v.pucker / sum
	c[upperLip] += v.upper / sum
	c[lowerLip] += v.lower / sum
	c[tuck] += v.tuck / sum
	c[press] += v.press / sum
	c[seal] += max(sealed, rest.seal*smooth(min(max(silent*1.5-0.5, 0), 1)))
}

// phrase says syllables between two times and moves head and brows with their stress. mood scales all gestures.
func (t *timeline) phrase(from, to, mood float64) {
	vowels := []func() viseme{visemeAA, visemeUH, visemeEE, visemeEH, visemeOO, visemeOH, visemeEH, visemeUH}
	consonants := []func() viseme{visemeMM, visemeTT, visemeSS, visemeFF, visemeTT, visemeMM, visemeSS, visemeTT}
	at, beat := from, 0
	for at < to-0.25 {
		stress := 0.7 + 0.25*t.rnd.Float64()
		if beat%3 == 1 {
			stress = 1.15
			t.nudge(pitch, at-0.04, 0.16, 0, 0.3, mood*(1.5+2*t.rnd.Float64())*degree)
			t.nudge(browOuter, at-0.1, 0.15, 0.1, 0.35, mood*0.3*t.rnd.Float64())
			t.nudge(browInner, at-0.1, 0.15, 0.1, 0.35, mood*0.3*t.rnd.Float64())
		}
		if t.rnd.Float64() < 0.85 {
			at = t.say(at, 0.07+0.05*t.rnd.Float64(), 1, consonants[t.rnd.IntN(len(consonants))]())
		}
		at = t.say(at, 0.1+0.11*t.rnd.Float64()*stress, stress, vowels[t.rnd.IntN(len(vowels))]())
		beat++
		if t.rnd.Float64() < 0.18 { // between words
			at += 0.04 + 0.05*t.rnd.Float64()
		}
	}
	at = t.say(at, 0.12, 1, visemeMM())
	t.say(at, 0.3, 1, visemeRest())
}
