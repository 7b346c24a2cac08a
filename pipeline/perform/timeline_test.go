package perform

import (
	"math"
	"sort"
	"testing"
)

// A move that begins before the last one of its control has ended would jump.
func TestMovesDoNotOverlap(t *testing.T) {
	for _, s := range scripts() {
		line := newTimeline(s.info.Seconds, s.seed)
		s.write(line)
		for c, keys := range line.keys {
			sort.SliceStable(keys, func(i, j int) bool { return keys[i].at < keys[j].at })
			for i, k := range keys {
				if begins := i%2 == 0; math.IsNaN(k.value) != begins {
					t.Errorf("%s: moves of control %d overlap at %.2f s", s.info.Name, c, k.at)
				}
			}
			if n := len(keys); n > 0 && keys[n-1].at > s.info.Seconds-1 {
				t.Errorf("%s: control %d still moves in the last second", s.info.Name, c)
			}
		}
		for _, n := range line.nudges {
			if n.at+n.rise+n.hold+n.fall > s.info.Seconds-0.5 {
				t.Errorf("%s: a nudge of control %d does not end in time", s.info.Name, n.control)
			}
		}
	}
}
