package perform

// writeTalking is somebody telling a story: phrases with pauses, nods on stressed syllables, looks aside to think.
func writeTalking(t *timeline) {
	at := 1.3
	t.blink(0.55)
	side := 1.0
	for at < t.length-4 {
		end := min(at+1.7+1.5*t.rnd.Float64(), t.length-2.6)
		t.pose(at-0.2, 0.7, side*(2+5*t.rnd.Float64()), 4*t.rnd.Float64()-2, side*(1+2*t.rnd.Float64()))
		t.phrase(at, end, 1)
		if t.rnd.Float64() < 0.6 {
			t.look(at+0.25, 0.10*side, -0.02+0.05*t.rnd.Float64())
			t.look(at+0.8+0.4*t.rnd.Float64(), 0.01*side, 0)
		}
		if t.rnd.Float64() < 0.5 {
			t.nudge(smile, end-0.5, 0.5, 0.5, 0.7, 0.35)
		}
		t.blink(end + 0.02)
		if end-at > 2.4 {
			t.blink((at + end) / 2)
		}
		at = end + 0.45 + 0.4*t.rnd.Float64()
		side = -side
	}
	t.nudge(smile, t.length-2.6, 0.5, 0.5, 0.6, 0.5)
	t.pose(t.length-2.2, 0.9, 0, 0, 0)
	t.look(t.length-2.1, 0, 0)
	t.blink(t.length - 1.9)
}

// mood is a face to reach and to hold.
type mood struct {
	at, rise, hold float64
	face           []change
}

type change struct {
	control control
	value   float64
}

// writeMoods goes through joy, laughter, surprise, doubt, sorrow, anger and a wink.
func writeMoods(t *timeline) {
	moods := []mood{
		{1.4, 0.7, 1.2, []change{{smile, 0.75}, {squint, 0.5}, {pitch, -3 * degree}, {roll, 4 * degree}, {browOuter, 0.15}}},
		{4.2, 0.45, 1.5, []change{{smile, 1}, {jaw, 0.42}, {upperLip, 0.6}, {lowerLip, 0.3}, {squint, 0.8}, {pitch, -7 * degree}, {roll, -4 * degree}}},
		{7.2, 0.22, 1.0, []change{{browInner, 1}, {browOuter, 1}, {lidWide, 1}, {jaw, 0.6}, {pucker, 0.25}, {pitch, -5 * degree}, {zoom, -0.04}}},
		{9.6, 0.6, 1.3, []change{{browOuter, 0.5}, {knit, 0.45}, {press, 0.8}, {frown, 0.3}, {yaw, 9 * degree}, {roll, 6 * degree}, {squint, 0.4}}},
		{12.4, 0.9, 1.6, []change{{browInner, 0.8}, {knit, 0.4}, {frown, 0.9}, {pitch, 9 * degree}, {gazeY, 0.07}, {press, 0.2}}},
		{15.8, 0.4, 1.2, []change{{knit, 1}, {browInner, -0.5}, {squint, 0.7}, {press, 0.9}, {frown, 0.4}, {pitch, 5 * degree}, {zoom, 0.05}}},
		{18.4, 0.5, 1.9, []change{{smile, 0.55}, {smileSide, 0.35}, {yaw, -8 * degree}, {roll, -6 * degree}, {browOuter, 0.2}}},
	}
	for _, m := range moods {
		for _, c := range m.face {
			t.move(c.control, m.at, m.rise, c.value)
			t.move(c.control, m.at+m.rise+m.hold, 0.75, 0)
		}
		t.blink(m.at + m.rise + m.hold + 0.1)
	}
	for i := range 6 { // laughter shakes the jaw and the head
		at := 4.6 + 0.24*float64(i)
		t.nudge(jaw, at, 0.1, 0, 0.14, 0.16)
		t.nudge(pitch, at, 0.1, 0, 0.14, 1.5*degree)
	}
	t.nudge(lidRight, 19.5, 0.12, 0.22, 0.2, 1) // the wink
	t.nudge(smileSide, 19.4, 0.15, 0.3, 0.3, 0.25)
	t.blink(0.6)
	t.blink(t.length - 1.6)
	t.look(9.8, 0.13, -0.02)
	t.look(11.7, 0, 0)
}

// writeLooking looks at things to the left, the right, above, below, far aside, and leans in. Eyes go first,
// the head follows and the eyes come back in it.
func writeLooking(t *timeline) {
	looks := []struct{ at, yaw, pitch, roll, hold float64 }{
		{1.4, 16, 0, 2, 1.0},
		{3.6, -18, 2, -3, 1.1},
		{5.9, 4, -13, 1, 1.0},
		{8.0, -4, 13, 0, 0.9},
		{10.2, 30, -4, 5, 1.1},
		{12.8, -31, -2, -5, 1.2},
		{15.4, 0, 3, 16, 0.7},
	}
	for _, l := range looks {
		span := 0.3 + 0.010*max(l.yaw, -l.yaw)
		t.look(l.at, 0.0075*l.yaw, 0.008*l.pitch)
		t.pose(l.at+0.07, span, l.yaw, l.pitch, l.roll)
		t.look(l.at+0.07+0.8*span, 0.002*l.yaw, 0.002*l.pitch)
		t.look(l.at+span+0.5*l.hold, 0.002*l.yaw+0.05*(t.rnd.Float64()-0.5), 0.03*(t.rnd.Float64()-0.5))
		if span > 0.42 {
			t.blink(l.at + 0.08)
		}
		back := l.at + span + l.hold
		t.look(back-0.05, -0.003*l.yaw, -0.002*l.pitch)
		t.pose(back+0.02, span, 0, 0, 0)
		t.look(back+0.02+span, 0, 0)
	}
	t.nudge(zoom, 16.0, 0.6, 0.5, 0.7, 0.1)
	t.nudge(browOuter, 5.9, 0.3, 0.8, 0.4, 0.5)
	t.nudge(browInner, 5.9, 0.3, 0.8, 0.4, 0.5)
	t.nudge(smile, 15.4, 0.5, 0.9, 0.7, 0.5)
	t.blink(0.6)
	t.blink(7.6)
	t.blink(t.length - 1.7)
}

// writeSinging holds long vowels, sways to a slow beat and closes the eyes on the high notes.
func writeSinging(t *timeline) {
	vowels := []func() viseme{visemeAA, visemeOH, visemeEE, visemeAA, visemeOO, visemeEH}
	const bar = 2.0
	for i := range 8 {
		at := 1.6 + bar*float64(i)
		side := 1 - 2*float64(i%2)
		t.pose(at, 1.2, side*6, -2, side*7)
		first := t.say(at, 0.1, 1, visemeMM())
		mid := t.say(first, 0.75, 0.9, vowels[i%6]())
		next := t.say(mid, 0.09, 1, visemeTT())
		end := t.say(next, 0.7, 1.15, vowels[(i+2)%6]())
		t.say(t.say(end, 0.12, 1, visemeMM()), 0.25, 1, visemeRest())
		if i%3 == 2 {
			for _, c := range [2]control{lidLeft, lidRight} {
				t.nudge(c, at+0.8, 0.2, 0.6, 0.3, 1)
			}
			t.nudge(browInner, at+0.6, 0.3, 0.7, 0.4, 0.8)
			t.nudge(pitch, at+0.6, 0.4, 0.5, 0.5, -6*degree)
		} else {
			t.blink(at + 1.75)
		}
		t.nudge(smile, at+0.2, 0.5, 0.6, 0.5, 0.2)
	}
	t.pose(t.length-2.4, 1, 0, 0, 0)
	t.nudge(smile, t.length-2.4, 0.5, 0.4, 0.6, 0.6)
	t.blink(t.length - 1.4)
}
