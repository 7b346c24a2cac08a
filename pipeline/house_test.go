package pipeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// late is how long the first of n sessions waits for a frame from its sample's arrival on, at the median and at p95. A picture takes
// cost milliseconds, and encoding it half of that. Drivers' clocks differ a little, so that every phase comes up.
func late(t *testing.T, n int, cost byte) (p50, p95 time.Duration) {
	t.Helper()
	costly(t, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
		encode := time.Millisecond / 2 * time.Duration(cost) //nolint:durationcheck // half of so many
		encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(encode)) }
		r := rand.New(rand.NewPCG(1, 2))
		var sinks []*fakeSink
		for range n {
			s, _ := openOn(t, l, cost)
			sink := &fakeSink{}
			view(t, s, Rendition{Codec: VP8}, sink)
			sinks = append(sinks, sink)
			every := interval + time.Duration(r.IntN(200)-100)*time.Microsecond
			stop, done := make(chan struct{}), make(chan struct{})
			t.Cleanup(func() { close(stop); <-done })
			go func() {
				defer close(done)
				for seq := uint32(1); ; seq++ {
					select {
					case <-stop:
						return
					case <-time.After(every):
					}
					s.Mailbox().Put(&landmark.Arrival{Sample: landmark.Sample{Seq: seq, CaptureMicros: uint64(seq) * 33_333}, Received: time.Now()})
				}
			}()
		}
		time.Sleep(40 * time.Second)
		var took []time.Duration
		for _, f := range sinks[0].all() {
			if f.trace.HasSample {
				took = append(took, f.at.Sub(f.trace.At[0]))
			}
		}
		slices.Sort(took)
		if len(took) < 1100 {
			t.Fatalf("%d sessions: %d frames in 40 s", n, len(took))
		}
		p50, p95 = took[len(took)/2], took[len(took)*95/100]
	})
	return p50, p95
}

// TestWaitingForOthers: beside others a session keeps its frame rate, and waits at most once for each of them.
func TestWaitingForOthers(t *testing.T) {
	const cost = 4
	alone, worst := late(t, 1, cost)
	t.Logf("alone: p50 %v, p95 %v", alone, worst)
	for n := 2; n <= 6; n++ { // 24 of the 25 ms that are given out
		p50, p95 := late(t, n, cost)
		t.Logf("%d sessions: p50 %v, p95 %v, %.2f times", n, p50, p95, p95.Seconds()/worst.Seconds())
		if most := worst + cost*time.Millisecond*time.Duration(n-1); p95 > most {
			t.Errorf("p95 of the first of %d sessions is %v, want at most %v", n, p95, most)
		}
	}
}
