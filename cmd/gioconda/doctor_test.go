package main

import (
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/bench"
)

// TestNoTickBesideALowFrameRate: what doctor calls well holds the configured rate, measured and possible.
func TestNoTickBesideALowFrameRate(t *testing.T) {
	for _, c := range []struct {
		fps       int
		got, ms   float64
		isTooSlow bool
	}{
		{30, 30, 12, false}, {30, 29.8, 33, false}, {30, 30, 34, true}, {30, 24, 12, true}, {60, 30, 12, true}, {60, 60, 17, true}, {60, 59.9, 16, false},
	} {
		if got := tooSlow(&bench.Report{FPS: c.fps, FramesPS: c.got}, c.ms); got != c.isTooSlow {
			t.Errorf("%+v: too slow is %v", c, got)
		}
	}
}
