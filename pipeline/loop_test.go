package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

type fakeSubject struct {
	rest   motion.Rest
	name   byte
	closed atomic.Int32
}

func (s *fakeSubject) Rest() *motion.Rest { return &s.rest }
func (s *fakeSubject) Close()             { s.closed.Add(1) }

// fakeGenerator writes the subject's name into the picture.
type fakeGenerator struct {
	delay    time.Duration
	maxBatch atomic.Int32
	fail     atomic.Bool
}

func (g *fakeGenerator) Generate(batch []Job) {
	if n := int32(len(batch)); n > g.maxBatch.Load() {
		g.maxBatch.Store(n)
	}
	time.Sleep(g.delay)
	for i := range batch {
		batch[i].Dst.Y[0] = batch[i].Subject.(*fakeSubject).name
		if g.fail.Load() {
			batch[i].Err = errors.New("no picture today")
		}
	}
}

type fakeMover struct{ fed atomic.Int64 }

func (m *fakeMover) Feed(*landmark.Sample, time.Time)    { m.fed.Add(1) }
func (m *fakeMover) Pose(dst *motion.State, _ time.Time) {}
func (m *fakeMover) SetRest(*motion.Rest)                {}
func (m *fakeMover) Calibrate()                          {}

type fakeEncoder struct {
	delay  time.Duration
	closed atomic.Bool
	bps    atomic.Int64
}

func (e *fakeEncoder) Encode(dst *frame.Encoded, src *frame.I420, _ time.Duration, key bool) error {
	time.Sleep(e.delay)
	dst.Data = append(dst.Data[:0], src.Y[0])
	dst.Key = key
	return nil
}
func (e *fakeEncoder) SetBitrate(bps int) error { e.bps.Store(int64(bps)); return nil }
func (e *fakeEncoder) Close() error             { e.closed.Store(true); return nil }

type fakeSink struct {
	mu     sync.Mutex
	frames []trace.Frame
	bytes  []byte
	pts    []time.Duration
	count  atomic.Int64
}

func (s *fakeSink) WriteFrame(f *frame.Encoded) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Trace.Stamp(trace.Sent, time.Now())
	s.frames = append(s.frames, f.Trace)
	s.bytes = append(s.bytes, f.Data[0])
	s.pts = append(s.pts, f.PTS)
	s.count.Add(1)
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// start runs a loop until the test ends and checks that no goroutine of ours is left.
func start(t *testing.T, cfg Config, gen Generator) *Loop {
	t.Helper()
	l := NewLoop(cfg, gen, quiet())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		deadline := time.Now().Add(2 * time.Second)
		for strings.Contains(stacks(), "pipeline.(*output).run") {
			if time.Now().After(deadline) {
				t.Errorf("an output goroutine is left:\n%s", stacks())
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	return l
}

func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func testConfig() Config {
	c := DefaultConfig()
	c.Size = 256
	return c
}

func open(t *testing.T, l *Loop, name byte) (*Session, *fakeSubject, *fakeMover) {
	t.Helper()
	sub, mover := &fakeSubject{name: name}, &fakeMover{}
	s, err := l.Open(sub, mover)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, sub, mover
}

func put(s *Session, seq uint32) {
	s.Mailbox().Put(&landmark.Arrival{
		Sample:   landmark.Sample{Seq: seq, CaptureMicros: 1_000_000 + uint64(seq)*33_333},
		Received: time.Now(),
	})
}

func TestNewestSampleWins(t *testing.T) {
	l := start(t, testConfig(), &fakeGenerator{delay: 20 * time.Millisecond})
	s, _, mover := open(t, l, 1)
	sink := &fakeSink{}
	s.Attach(&fakeEncoder{}, sink)
	const n = 200
	for i := uint32(1); i <= n; i++ {
		put(s, i)
		time.Sleep(2 * time.Millisecond)
	}
	wait(t, "the last sample is shown", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		for _, f := range sink.frames {
			if f.Seq == n {
				return true
			}
		}
		return false
	})
	if c := s.Counts(); c.Overwritten+uint64(mover.fed.Load()) != n {
		t.Errorf("overwritten %d + fed %d != %d sent", c.Overwritten, mover.fed.Load(), n)
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	var last uint32
	for i, f := range sink.frames {
		if f.HasSample && f.Seq <= last {
			t.Errorf("frame %d goes back from %d to %d", i, last, f.Seq)
		}
		if f.HasSample {
			last = f.Seq
		}
		last := trace.Taken
		for st := last + 1; st < trace.Stages; st++ {
			if st == trace.Drawn { // this generator has one layer
				if !f.At[st].IsZero() {
					t.Errorf("frame %d was drawn by nobody", i)
				}
				continue
			}
			if f.Between(last, st) < 0 || f.At[st].IsZero() {
				t.Errorf("frame %d: %v before %v", i, st, last)
			}
			last = st
		}
		if i > 0 && sink.pts[i] <= sink.pts[i-1] {
			t.Errorf("pts %v after %v", sink.pts[i], sink.pts[i-1])
		}
	}
	if !sink.frames[0].Key {
		t.Error("the first frame is not a keyframe")
	}
}

func TestStreamGoesOnWithoutSamples(t *testing.T) {
	l := start(t, testConfig(), &fakeGenerator{})
	s, _, _ := open(t, l, 1)
	sink := &fakeSink{}
	s.Attach(&fakeEncoder{}, sink)
	begin := time.Now()
	wait(t, "15 idle frames", func() bool { return sink.count.Load() >= 15 })
	if took := time.Since(begin); took < 300*time.Millisecond {
		t.Errorf("15 idle frames in %v: the idle stream must keep to its rate", took)
	}
}

func TestSessionsAreBatchedAndApart(t *testing.T) {
	gen := &fakeGenerator{delay: 3 * time.Millisecond}
	l := start(t, testConfig(), gen)
	sinks := make([]*fakeSink, 3)
	var all []*Session
	for i := range sinks {
		s, _, _ := open(t, l, byte(i+1))
		sinks[i] = &fakeSink{}
		s.Attach(&fakeEncoder{delay: time.Millisecond}, sinks[i])
		all = append(all, s)
	}
	for i := uint32(1); i < 30; i++ {
		for _, s := range all {
			put(s, i)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if gen.maxBatch.Load() < 2 {
		t.Error("sessions that were ready together were not batched")
	}
	for i, sink := range sinks {
		sink.mu.Lock()
		for _, b := range sink.bytes {
			if b != byte(i+1) {
				t.Errorf("session %d got a picture of %d", i+1, b)
			}
		}
		if len(sink.bytes) < 5 {
			t.Errorf("session %d got %d frames", i+1, len(sink.bytes))
		}
		sink.mu.Unlock()
	}
}

func TestPersonaSwitchShowsInNextPicture(t *testing.T) {
	l := start(t, testConfig(), &fakeGenerator{})
	s, old, _ := open(t, l, 1)
	sink := &fakeSink{}
	s.Attach(&fakeEncoder{}, sink)
	wait(t, "a frame", func() bool { return sink.count.Load() > 0 })
	next := &fakeSubject{name: 9}
	if err := s.Show(next); err != nil {
		t.Fatal(err)
	}
	wait(t, "the old subject is closed", func() bool { return old.closed.Load() == 1 })
	n := sink.count.Load()
	wait(t, "two more frames", func() bool { return sink.count.Load() > n+1 })
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if got := sink.bytes[len(sink.bytes)-1]; got != 9 {
		t.Errorf("shows %d, want 9", got)
	}
}

func TestFailures(t *testing.T) {
	cfg := testConfig()
	gen := &fakeGenerator{}
	l := start(t, cfg, gen)
	s, sub, _ := open(t, l, 1)
	sink, enc := &fakeSink{}, &fakeEncoder{}
	gen.fail.Store(true)
	s.Attach(enc, sink)
	wait(t, "failures are counted", func() bool { return s.Counts().Failed > 3 })
	gen.fail.Store(false)
	wait(t, "it recovers", func() bool { return sink.count.Load() > 0 })
	s.SetBitrate(1)
	wait(t, "the bitrate is clamped", func() bool { return enc.bps.Load() == int64(cfg.BitrateMin) })
	s.Close()
	s.Close()
	if sub.closed.Load() != 1 || !enc.closed.Load() {
		t.Errorf("subject closed %d times, encoder closed %v", sub.closed.Load(), enc.closed.Load())
	}
	if err := s.Do(func(Mover, Subject) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("Do after Close: %v", err)
	}
	open(t, l, 2)
}

func TestPassDoesNotAllocate(t *testing.T) {
	l := NewLoop(testConfig(), &fakeGenerator{}, quiet())
	s, _, _ := open(t, l, 1)
	s.Attach(&fakeEncoder{}, nopSink{})
	var seq uint32
	a := landmark.Arrival{}
	n := testing.AllocsPerRun(50, func() {
		seq++
		a.Sample.Seq = seq
		s.Mailbox().Put(&a)
		for busy := false; !busy; {
			_, busy = l.pass()
		}
	})
	if n > 0 {
		t.Errorf("%v allocations a frame, want 0", n)
	}
}

type nopSink struct{}

func (nopSink) WriteFrame(*frame.Encoded) error { return nil }

func TestCadence(t *testing.T) {
	t0 := time.Unix(1000, 0)
	ms := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Millisecond) }
	p := cadence{interval: 33 * time.Millisecond, hold: 100 * time.Millisecond}
	shown := 0
	for i := range 1000 { // a sample each millisecond
		if p.due(ms(i), true) {
			p.began(ms(i), true)
			shown++
		}
	}
	if shown < 30 || shown > 32 {
		t.Errorf("%d pictures in a second of 1 kHz samples, want about 30", shown)
	}
	for i := range 30 { // samples at the frame rate, 8 ms of jitter: none is held back
		now := ms(2000 + i*33 + i%2*8)
		if !p.due(now, true) {
			t.Errorf("sample %d held back", i)
		}
		p.began(now, true)
	}
}

func TestPTSClockFollowsCaptureNotJitter(t *testing.T) {
	t0 := time.Unix(1000, 0)
	tl := ptsClock{start: t0}
	var last time.Duration
	for i := range 300 {
		jitter := time.Duration(i%3) * 9 * time.Millisecond
		got := tl.at(t0.Add(time.Duration(i)*33*time.Millisecond+jitter), 5_000_000+uint64(i)*33_000)
		if step := got - last; i > 30 && (step < 31*time.Millisecond || step > 35*time.Millisecond) {
			t.Fatalf("frame %d: step %v, want about 33 ms", i, step)
		}
		last = got
	}
	if got := tl.at(t0.Add(20*time.Second), 5_000_000+301*33_000); got < 19900*time.Millisecond {
		t.Errorf("after a pause pts %v, want about 20 s", got)
	}
}
