package backoff

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := Backoff{First: time.Second, Most: 5 * time.Second}
		for i, seconds := range []int{1, 2, 4, 5, 5, 1} {
			if i == 5 {
				b.Reset()
			}
			begin := time.Now()
			if ok := b.Wait(t.Context()); !ok || time.Since(begin).Seconds() != float64(seconds) {
				t.Errorf("wait %d took %v, want %d s", i, time.Since(begin), seconds)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		begin := time.Now()
		if b.Wait(ctx) || time.Since(begin) != 0 {
			t.Errorf("it waited %v after the end", time.Since(begin))
		}
	})
}
