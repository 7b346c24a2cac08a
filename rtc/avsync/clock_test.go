package avsync

import (
	"testing"
	"time"
)

// TestAPause: a stream that has paused is not reported, since nobody knows where it will go on.
func TestAPause(t *testing.T) {
	var c Clock
	now := time.Unix(1000, 0)
	if _, ok := c.stampAt(now, 48_000); ok {
		t.Error("a stream without packets is reported")
	}
	c.Note(1<<32-480, now.Add(-30*time.Millisecond), now)
	for after, want := range map[time.Duration]uint32{0: 960, 20 * time.Millisecond: 1920, -40 * time.Millisecond: 1<<32 - 960} {
		if got, ok := c.stampAt(now.Add(after), 48_000); !ok || got != want {
			t.Errorf("after %v: %d, %v, want %d", after, got, ok, want)
		}
	}
	if _, ok := c.stampAt(now.Add(reportable+1), 48_000); ok {
		t.Error("a stream that has paused is reported")
	}
}
