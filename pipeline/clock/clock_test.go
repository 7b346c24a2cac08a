package clock_test

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/clock"
)

func TestSystemDoesNotRunBackwards(t *testing.T) {
	var c clock.Clock = clock.System{}
	before := c.Now()
	for range 1000 {
		now := c.Now()
		if now.Before(before) {
			t.Fatalf("%v after %v", now, before)
		}
		before = now
	}
}
