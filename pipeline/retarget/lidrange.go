package retarget

const (
	shutGuess = 0.22 // of the usual opening: what a tracker sees on a shut eye, before a blink is seen
	shutLeast = 0.12
	shutMost  = 0.42
)

// lidRange learns what this driver's shut eye looks like to the tracker, from the depth of blinks.
type lidRange struct {
	shut  float32 // opening of the shut eye, as a fraction of the usual one; 0 is not known
	dip   float32 // smallest opening of the dip under way; 0 is none
	since float64 // s since the dip began
}

// observe takes an opening and the usual opening of the same eye.
func (l *lidRange) observe(opening, usual float32, dt float64) {
	if l.shut == 0 {
		l.shut = shutGuess
	}
	ratio := max(opening/usual, 0.001)
	switch {
	case l.dip == 0 && ratio < 0.55:
		l.dip, l.since = ratio, 0
	case l.dip != 0 && ratio < 0.6:
		l.dip = min(l.dip, ratio)
		l.since += dt
	case l.dip != 0:
		if l.since < 0.4 { // a blink, and not a look down
			deepest := min(max(l.dip, shutLeast), shutMost)
			l.shut += 0.35 * (deepest - l.shut)
		}
		l.dip = 0
	}
}

// ratio maps an opening to 0 for shut and 1 for the usual opening; above 1 is wider.
func (l *lidRange) ratio(opening, usual float32) float32 {
	shut := l.shut
	if shut == 0 {
		shut = shutGuess
	}
	shut = (shut + 0.05) * usual // the last bit counts as shut, so that it closes fully
	return max(0, (opening-shut)/(usual-shut))
}
