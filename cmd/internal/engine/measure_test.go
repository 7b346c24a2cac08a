package engine

import (
	"testing"
	"time"
)

func TestSpeedOfALayerIsThatOfThePaintedFrames(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		took []time.Duration
		want time.Duration
	}{
		"no layer":      {[]time.Duration{0, 0, 0}, 0},
		"lips that met": {[]time.Duration{3000, 6 * ms, 4000, 5 * ms, 2000, 3000, 7 * ms}, 6 * ms},
		"a busy moment": {[]time.Duration{5 * ms, 6 * ms, 90 * ms, 6 * ms, 5 * ms}, 6 * ms},
	} {
		if got := whilePainting(c.took); got != c.want {
			t.Errorf("%s: %v instead of %v", name, got, c.want)
		}
	}
}
