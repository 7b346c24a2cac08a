package perform

import (
	"math"
	"math/rand/v2"
	"sort"
)

// key is a value that a control reaches at a time and keeps until the next key begins to move it.
type key struct{ at, value float64 }

// nudge is a bump added to a control: it rises over rise seconds from at, stays for hold, falls over fall.
type nudge struct {
	control              control
	at, rise, hold, fall float64
	size                 float64
}

// sound is one viseme of speech, centred at a time; width is half of how long it lasts.
type sound struct {
	at, width float64
	shape     viseme
}

// timeline is a performance as curves. It is built by a script and read-only after finish.
type timeline struct {
	length float64
	rnd    *rand.Rand
	keys   [controlCount][]key
	nudges []nudge
	sounds []sound
	sway   [6]float64 // phases
	still  float64    // strength of the sway, 0..1
}

func newTimeline(length float64, seed uint64) *timeline {
	t := &timeline{length: length, rnd: rand.New(rand.NewPCG(seed, 0x6d6f6e61)), still: 1}
	for i := range t.sway {
		t.sway[i] = 2 * math.Pi * t.rnd.Float64()
	}
	return t
}

// move lets a control leave its value at `at` and reach value after span seconds.
func (t *timeline) move(c control, at, span, value float64) {
	t.keys[c] = append(t.keys[c], key{at, math.NaN()}, key{at + span, value})
}

// pose moves the head.
func (t *timeline) pose(at, span, yawTo, pitchTo, rollTo float64) {
	t.move(yaw, at, span, yawTo*degree)
	t.move(pitch, at, span, pitchTo*degree)
	t.move(roll, at, span, rollTo*degree)
}

// look makes a saccade: eyes jump and stay.
func (t *timeline) look(at, x, y float64) {
	span := 0.035 + 0.09*math.Hypot(x, y)
	t.move(gazeX, at, span, x)
	t.move(gazeY, at, span, y)
}

// blink shuts both eyes for a moment.
func (t *timeline) blink(at float64) {
	for _, c := range [2]control{lidLeft, lidRight} {
		t.nudge(c, at, 0.08, 0.05, 0.16, 1)
	}
}

// nudge adds a bump to a control.
func (t *timeline) nudge(c control, at, rise, hold, fall, size float64) {
	t.nudges = append(t.nudges, nudge{c, at, rise, hold, fall, size})
}

// finish puts everything in order. Times of a control's moves must not overlap.
func (t *timeline) finish() {
	for c := range t.keys {
		k := t.keys[c]
		sort.SliceStable(k, func(i, j int) bool { return k[i].at < k[j].at })
		last := 0.0
		for i := range k { // a move begins with the value that the one before left
			if math.IsNaN(k[i].value) {
				k[i].value = last
			}
			last = k[i].value
		}
	}
	sort.Slice(t.sounds, func(i, j int) bool { return t.sounds[i].at < t.sounds[j].at })
}

// at writes all controls at a time in 0..length.
func (t *timeline) at(now float64, c *controls) {
	for i := range t.keys {
		c[i] = value(t.keys[i], now)
	}
	for i := range t.nudges {
		n := &t.nudges[i]
		c[n.control] += n.size * n.shape(now)
	}
	t.speak(now, c)
	edge := min(min(now, t.length-now)-1, 1.5) / 1.5 // at rest in the first and the last second
	if edge > 0 {
		t.addSway(now, smooth(edge)*t.still, c)
	}
	c[lidLeft], c[lidRight] = min(c[lidLeft], 1), min(c[lidRight], 1)
}

// addSway is what a head does by itself; all periods divide the length, so that the loop has no seam.
func (t *timeline) addSway(now, size float64, c *controls) {
	wave := func(turns float64, k int) float64 {
		return math.Sin(2*math.Pi*math.Round(turns*t.length/20)*now/t.length + t.sway[k])
	}
	c[yaw] += size * degree * (0.9*wave(3, 0) + 0.5*wave(7, 1))
	c[pitch] += size * degree * (0.7*wave(4, 2) + 0.3*wave(9, 3))
	c[roll] += size * degree * 0.7 * wave(3, 4)
	c[shiftX] += size * 0.02 * wave(2, 5)
}

// value evaluates keys at a time: quintic ease between them (minimum jerk), 0 before the first.
func value(keys []key, now float64) float64 {
	n := len(keys)
	if n == 0 || now <= keys[0].at {
		return 0
	}
	lo, hi := 0, n-1
	if now >= keys[hi].at {
		return keys[hi].value
	}
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; keys[mid].at <= now {
			lo = mid
		} else {
			hi = mid
		}
	}
	a, b := keys[lo], keys[hi]
	if b.at <= a.at {
		return b.value
	}
	return a.value + (b.value-a.value)*smooth((now-a.at)/(b.at-a.at))
}

func (n *nudge) shape(now float64) float64 {
	switch d := now - n.at; {
	case d <= 0:
		return 0
	case d < n.rise:
		return smooth(d / n.rise)
	case d < n.rise+n.hold:
		return 1
	case d < n.rise+n.hold+n.fall:
		return smooth((n.rise + n.hold + n.fall - d) / n.fall)
	}
	return 0
}

// smooth is the quintic from 0 to 1 with no speed and no acceleration at both ends.
func smooth(x float64) float64 { return x * x * x * (10 + x*(6*x-15)) }

const degree = math.Pi / 180
