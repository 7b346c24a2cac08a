package pipeline

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// costlyGenerator takes as long for a picture as its subject's name says in milliseconds, and more while its driver asks for it.
type costlyGenerator struct{}

func (g *costlyGenerator) Generate(batch []Job) {
	for i := range batch {
		took := time.Millisecond * time.Duration(batch[i].Subject.(*fakeSubject).name) //nolint:durationcheck // a number of them
		if batch[i].State.HasMarker {
			took *= 8
		}
		time.Sleep(took)
		batch[i].First = took
		batch[i].Dst.Y[0] = batch[i].Subject.(*fakeSubject).name
	}
}

// AtOnce implements AtOnce.
func (*costlyGenerator) AtOnce() int { return 1 }

// crewGenerator is two threads: they share one picture, or draw one each. most is the largest batch that it had.
type crewGenerator struct{ most int }

func (g *crewGenerator) Generate(batch []Job) {
	g.most = max(g.most, len(batch))
	for i := range batch {
		took := time.Millisecond * time.Duration(batch[i].Subject.(*fakeSubject).name) //nolint:durationcheck // a number of them
		time.Sleep(took / 2)
		batch[i].First = took
		batch[i].Dst.Y[0] = batch[i].Subject.(*fakeSubject).name
	}
}

// AtOnce implements AtOnce.
func (*crewGenerator) AtOnce() int { return 2 }

// costly is a loop in a bubble whose processor time is the bubble's time.
func costly(t *testing.T, f func(t *testing.T, l *Loop, encoders *fakeEncoders)) {
	t.Helper()
	drawnBy(t, &costlyGenerator{}, f)
}

// drawnBy is costly with another generator.
func drawnBy(t *testing.T, gen Generator, f func(t *testing.T, l *Loop, encoders *fakeEncoders)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		encoders := &fakeEncoders{}
		l := NewLoop(testConfig(), gen, encoders.make, quiet())
		start := time.Now()
		l.thread = func() time.Duration { return time.Since(start) }
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); l.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
		f(t, l, encoders)
	})
}

// drives feeds a session at the frame rate until the bubble's test ends; costly samples are costlyGenerator's. It starts after phase.
func drives(t *testing.T, s *Session, phase time.Duration, costly bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		time.Sleep(phase)
		for seq := uint32(1); ctx.Err() == nil; seq++ {
			a := &landmark.Arrival{Sample: landmark.Sample{Seq: seq, CaptureMicros: uint64(seq) * 33_333}, Received: time.Now()}
			if costly {
				a.Sample.Flags = landmark.FlagMarker
			}
			s.Mailbox().Put(a)
			time.Sleep(interval)
		}
	}()
}

func perSecond(sink *fakeSink, from time.Time) float64 {
	return float64(len(sink.since(from))) / time.Since(from).Seconds()
}

// TestACostlyDriverIsSlowedAlone: three sessions of 4 ms a picture and one whose driver makes hers take 32: those keep the frame rate,
// and this one gets what they leave, until it is as the others again.
func TestACostlyDriverIsSlowedAlone(t *testing.T) {
	costly(t, func(t *testing.T, l *Loop, _ *fakeEncoders) {
		var sinks []*fakeSink
		var all []*Session
		for i := range 4 {
			s, _ := openOn(t, l, 4)
			sink := &fakeSink{}
			view(t, s, Rendition{Codec: VP8}, sink)
			drives(t, s, time.Duration(i)*8*time.Millisecond, i == 3)
			all, sinks = append(all, s), append(sinks, sink)
		}
		time.Sleep(4 * time.Second)
		from := time.Now()
		time.Sleep(10 * time.Second)
		for i, sink := range sinks[:3] {
			if fps := perSecond(sink, from); fps < 29.5 || all[i].Slower() != 1 {
				t.Errorf("session %d has %.1f frames/s beside a costly one, slowed %.1f times", i, fps, all[i].Slower())
			}
		}
		// 28.3 ms of a frame's 33.3 are dealt out, of which the three take 12.
		if fps := perSecond(sinks[3], from); fps < 13 || fps > 17 {
			t.Errorf("the costly one has %.1f frames/s, want about 15", fps)
		}
		for _, s := range all[:2] {
			s.Close()
		}
		time.Sleep(2 * time.Second)
		from = time.Now()
		time.Sleep(5 * time.Second)
		if fps := perSecond(sinks[3], from); fps < 20 || all[3].Slower() > 1.5 {
			t.Errorf("where others have left it has %.1f frames/s, slowed %.1f times", fps, all[3].Slower())
		}
	})
}

// TestNobodyIsSlowedWhereThereIsRoom: cost alone is no fault: not of a session that is alone, nor where all fit.
func TestNobodyIsSlowedWhereThereIsRoom(t *testing.T) {
	for name, costs := range map[string][]byte{"alone": {33}, "one costly beside cheap ones": {2, 20, 2}} {
		costly(t, func(t *testing.T, l *Loop, _ *fakeEncoders) {
			var all []*Session
			for i, cost := range costs {
				s, _ := openOn(t, l, cost)
				view(t, s, Rendition{Codec: VP8}, &fakeSink{})
				drives(t, s, time.Duration(i)*time.Millisecond, false)
				all = append(all, s)
			}
			time.Sleep(5 * time.Second)
			for i, s := range all {
				if s.Slower() != 1 {
					t.Errorf("%s: that of %d ms is slowed %.2f times", name, costs[i], s.Slower())
				}
			}
		})
	}
}

// TestEncodingCountsToo: renditions take of all processors, and are part of what a session costs.
func TestEncodingCountsToo(t *testing.T) {
	costly(t, func(t *testing.T, l *Loop, encoders *fakeEncoders) {
		encoders.prepare = func(e *fakeEncoder) { e.delay.Store(int64(10 * time.Millisecond)) }
		s, _ := openOn(t, l, 4)
		view(t, s, Rendition{Codec: VP8}, &fakeSink{})
		view(t, s, Rendition{Codec: VP8, Edge: 256}, &fakeSink{})
		drives(t, s, 0, false)
		time.Sleep(5 * time.Second)
		got := s.Spent()
		n := time.Duration(got.Pictures)
		if n < 140 || got.First/n != 4*time.Millisecond || got.Encode/n < 19*time.Millisecond || got.Encode/n > 20*time.Millisecond {
			t.Errorf("%+v of %d pictures", got, n)
		}
		s.Close()
		if c := s.burden.Cores; c < 23*time.Millisecond || c > 25*time.Millisecond {
			t.Errorf("a picture takes %v of all processors, want 24 ms", c)
		}
	})
}

// TestOthersOnTheMachine: where other programs take half of the processor there is half as much to share.
func TestOthersOnTheMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		all := make([]*Session, 3)
		var f fair
		cfg := testConfig()
		for range 60 {
			for i := range all {
				cost := 5 * time.Millisecond
				if i == 0 {
					cost *= 2
				}
				if all[i] == nil {
					all[i] = &Session{burden: burden{Cost: Cost{Loop: cost}, pictures: burdenOf}}
				}
				all[i].cadence.last = now
				f.drew(cost, 2*cost)
			}
			f.look(&cfg, all, now)
			now = now.Add(fairEvery)
		}
		if all[0].Slower() != 2 || all[1].Slower() != 1 || all[2].Slower() != 1 {
			t.Errorf("slowed %.2f, %.2f, %.2f times; want the costly one alone, twice", all[0].Slower(), all[1].Slower(), all[2].Slower())
		}
	})
}

// TestLevel: who needs less than an equal share gets what it needs, and the others share the rest; nobody gets less than the cheapest.
func TestLevel(t *testing.T) {
	for _, tc := range []struct {
		costs []time.Duration
		want  time.Duration
	}{{[]time.Duration{3, 5, 2}, 0}, {[]time.Duration{20, 2, 2}, 6}, {[]time.Duration{9, 1, 9}, 4}, {[]time.Duration{9, 9, 9}, 9}, {[]time.Duration{18, 9, 9}, 9}} {
		var f fair
		for _, c := range tc.costs {
			f.active = append(f.active, &Session{burden: burden{Cost: Cost{Loop: c}}})
		}
		got := f.level(10, func(b *burden) time.Duration { return b.Loop })
		if tc.want == 0 && got < 1<<60 || tc.want > 0 && got != tc.want {
			t.Errorf("of %v: %d, want %d", tc.costs, got, tc.want)
		}
	}
}

// TestThoseAlikeAreNotSlowed: where there is not enough for all and none costs much more than the others, nobody is singled out: a rate
// a few per cent below that of the samples would let each of them wait for up to a whole frame.
func TestThoseAlikeAreNotSlowed(t *testing.T) {
	now := time.Now()
	var all []*Session
	for i := range 12 {
		cost := time.Duration(3000+50*i) * time.Microsecond
		s := &Session{burden: burden{Cost: Cost{Loop: cost}, pictures: burdenOf}}
		s.cadence.last = now
		all = append(all, s)
	}
	var f fair
	cfg := testConfig()
	f.look(&cfg, all, now)
	for i, s := range all {
		if s.Slower() != 1 {
			t.Errorf("session %d is slowed %.2f times", i, s.Slower())
		}
	}
}
