package pipeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// late is how long session k of n waits for a frame from its sample's arrival on, at the median and at p95. A picture takes
// cost milliseconds, and encoding it half of that. Drivers' clocks differ a little, so that every phase comes up.
func late(t *testing.T, n int, cost byte, k int) (p50, p95 time.Duration) {
	t.Helper()
	return lateBy(t, &costlyGenerator{}, n, cost, k)
}

// lateBy is late where gen draws.
func lateBy(t *testing.T, gen Generator, n int, cost byte, k int) (p50, p95 time.Duration) {
	t.Helper()
	drawnBy(t, gen, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
		encode := time.Millisecond / 2 * time.Duration(cost)
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
		for _, f := range sinks[k].all() {
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

// TestWaitingForOthers: who has been here longest waits for no more than the picture that is being drawn, however many have come since;
// the last one keeps the frame rate too.
func TestWaitingForOthers(t *testing.T) {
	const cost = 4
	alone, worst := late(t, 1, cost, 0)
	t.Logf("alone: p50 %v, p95 %v", alone, worst)
	for n := 2; n <= 6; n++ { // 24 of the 25 ms that are given out
		first50, first := late(t, n, cost, 0)
		last50, last := late(t, n, cost, n-1)
		t.Logf("%d sessions: the first p50 %v, p95 %v, %.2f times; the last %v, %v", n, first50, first, first.Seconds()/worst.Seconds(), last50, last)
		if first > worst+cost*time.Millisecond {
			t.Errorf("p95 of the first of %d sessions is %v", n, first)
		}
		if last > 3*interval/2 {
			t.Errorf("p95 of the last of %d sessions is %v", n, last)
		}
	}
}

// TestTooManyTakeTurns: where more are inside than can be drawn, nobody is left without pictures.
func TestTooManyTakeTurns(t *testing.T) {
	costly(t, func(t *testing.T, l *Loop, _ *fakeEncoders) {
		var sinks []*fakeSink
		for i := range 8 {
			s, _ := openOn(t, l, 8) // 64 ms of the 33 that there are
			sink := &fakeSink{}
			view(t, s, Rendition{Codec: VP8}, sink)
			drives(t, s, time.Duration(i)*time.Millisecond, false)
			sinks = append(sinks, sink)
		}
		time.Sleep(2 * time.Second)
		from := time.Now()
		time.Sleep(10 * time.Second)
		for i, sink := range sinks {
			if fps := perSecond(sink, from); fps < 13 || fps > 18 {
				t.Errorf("session %d of 8 has %.1f frames/s, want about 15.6", i, fps)
			}
		}
	})
}

// TestOneAtATimeWhileThereIsTime: threads that share a picture draw that of who has been here longest alone, though another is due with
// it; where there are too many they draw one each.
func TestOneAtATimeWhileThereIsTime(t *testing.T) {
	const cost = 8
	_, alone := lateBy(t, &crewGenerator{}, 1, cost, 0)
	gen := &crewGenerator{}
	_, house := lateBy(t, gen, 3, cost, 0)
	if house > alone+cost*time.Millisecond/2 {
		t.Errorf("beside two others p95 is %v, alone %v: it waits for more than the picture that is being drawn", house, alone)
	}
	gen = &crewGenerator{}
	drawnBy(t, gen, func(t *testing.T, l *Loop, _ *fakeEncoders) {
		for range 10 {
			s, _ := openOn(t, l, cost)
			view(t, s, Rendition{Codec: VP8}, &fakeSink{})
			drives(t, s, 0, false)
		}
		time.Sleep(2 * time.Second)
	})
	if gen.most != 2 {
		t.Errorf("too many sessions had batches of at most %d", gen.most)
	}
}
