package pipeline

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// TestObserve: every frame of a rendition is told once, however many watch, with all its stages.
func TestObserve(t *testing.T) {
	bubble(t, func(r *rig) {
		var frames, sampled atomic.Int64
		r.loop.Observe(func(f *trace.Frame) {
			frames.Add(1)
			if f.HasSample {
				sampled.Add(1)
				checkStamps(t, int(frames.Load()), f)
			}
		})
		s, _ := r.open(1)
		for range 3 {
			r.view(s, Rendition{Codec: VP8})
		}
		for i := range uint32(10) {
			put(s, i+1)
			time.Sleep(interval)
		}
		time.Sleep(3 * interval)
		if c := s.Counts(); uint64(frames.Load()) != c.Encoded || sampled.Load() < 9 {
			t.Errorf("%d frames told, %d with samples, of %d", frames.Load(), sampled.Load(), c.Encoded)
		}
	})
}

// TestPulse: a loop that draws or waits has a pulse, one whose generator is stuck has none.
func TestPulse(t *testing.T) {
	bubble(t, func(r *rig) {
		pulse := func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			return r.loop.Pulse(ctx)
		}
		if err := pulse(); err != nil {
			t.Errorf("without a session: %v", err)
		}
		s, _ := r.open(1)
		r.view(s, Rendition{Codec: VP8})
		time.Sleep(time.Second)
		if err := pulse(); err != nil {
			t.Errorf("while it draws: %v", err)
		}
		r.gen.delay.Store(int64(3 * time.Second))
		time.Sleep(100 * time.Millisecond) // within the first of the slow pictures
		if err := pulse(); err == nil {
			t.Error("a generator that is stuck has a pulse")
		}
		r.gen.delay.Store(0)
	})
}
