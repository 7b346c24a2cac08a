package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// goroutine names the calling goroutine.
func goroutine() string {
	buf := make([]byte, 64)
	head, _, _ := bytes.Cut(buf[:runtime.Stack(buf, false)], []byte(" ["))
	return string(head)
}

func face() *motion.Rest {
	pose := motion.Rigid{R: motion.Rotation(-0.1, 0.1, 0.05), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	var pts [landmark.Count]motion.Vec3
	for i, p := range motion.AverageFace() {
		pts[i] = pose.Apply(p)
	}
	rest := retarget.NewRest(&pts)
	return &rest
}

type fakeSubject struct {
	rest     *motion.Rest
	name     byte
	closed   atomic.Int32
	closedOn atomic.Value // goroutine
}

func subject(name byte) *fakeSubject { return &fakeSubject{rest: face(), name: name} }

func (s *fakeSubject) Rest() *motion.Rest { return s.rest }
func (s *fakeSubject) Close()             { s.closed.Add(1); s.closedOn.Store(goroutine()) }

// fakeGenerator writes the subject's name into the picture.
type fakeGenerator struct {
	delay    atomic.Int64 // time.Duration
	maxBatch atomic.Int32
	pictures atomic.Int64
	fail     atomic.Bool
	mattes   atomic.Int64               // pictures that had one
	sides    atomic.Pointer[frame.I420] // what is beside wide pictures
	on       atomic.Value               // goroutine
	heads    sync.Map                   // subject name -> motion.Rigid drawn last
}

func (g *fakeGenerator) Generate(batch []Job) {
	if n := int32(len(batch)); n > g.maxBatch.Load() {
		g.maxBatch.Store(n)
	}
	if d := time.Duration(g.delay.Load()); d > 0 {
		time.Sleep(d)
	}
	g.pictures.Add(int64(len(batch)))
	for i := range batch {
		batch[i].Dst.Y[0] = batch[i].Subject.(*fakeSubject).name
		if batch[i].Dst.Matte != nil {
			g.mattes.Add(1)
			batch[i].Behind.Square = batch[i].Dst
		}
		if batch[i].Bare != nil {
			batch[i].Behind.Wide = g.sides.Load()
		}
		if g.fail.Load() {
			batch[i].Err = errors.New("no picture today")
		}
	}
}

// watchfulGenerator also notes where it runs and what it was asked to draw; that allocates.
type watchfulGenerator struct{ fakeGenerator }

func (g *watchfulGenerator) Generate(batch []Job) {
	g.on.Store(goroutine())
	for i := range batch {
		g.heads.Store(batch[i].Subject.(*fakeSubject).name, batch[i].State.Head)
	}
	g.fakeGenerator.Generate(batch)
}

type fakeEncoder struct {
	what    Rendition
	delay   atomic.Int64 // time.Duration
	fail    atomic.Bool
	drop    atomic.Bool // leave Data empty, as a rate control does
	stuck   chan struct{}
	closed  atomic.Bool
	bps     atomic.Int64
	fps     atomic.Int64
	calls   atomic.Int64
	keys    atomic.Int64
	thrifty atomic.Bool
	last    time.Duration
}

func (e *fakeEncoder) Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error {
	dst.Data, dst.Key = dst.Data[:0], false
	if d := time.Duration(e.delay.Load()); d > 0 {
		time.Sleep(d)
	}
	if e.stuck != nil {
		<-e.stuck
	}
	if e.fail.Load() {
		return errors.New("no frame today")
	}
	if w, h := e.what.Size(); pts <= e.last || src.Width != w || src.Height != h {
		return errors.New("a picture that is not for this encoder")
	}
	e.last = pts
	if e.drop.Load() {
		return nil
	}
	dst.Key = key || e.calls.Load() == 0
	if dst.Key {
		e.keys.Add(1)
	}
	e.calls.Add(1)
	dst.Data = append(dst.Data, src.Y[0], byte(src.Width/4))
	return nil
}
func (e *fakeEncoder) SetBitrate(bps int) error { e.bps.Store(int64(bps)); return nil }
func (e *fakeEncoder) SetRate(fps int) error    { e.fps.Store(int64(fps)); return nil }
func (e *fakeEncoder) SetThrift(on bool)        { e.thrifty.Store(on) }
func (e *fakeEncoder) Close() error             { e.closed.Store(true); return nil }

// fakeEncoders keeps what it made. prepare, which may be nil, is called with each before it is used.
type fakeEncoders struct {
	mu      sync.Mutex
	prepare func(*fakeEncoder)
	made    []*fakeEncoder
	refuse  atomic.Bool
}

func (f *fakeEncoders) make(r Rendition) (Encoder, error) {
	if f.refuse.Load() {
		return nil, errors.New("no encoder today")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e := &fakeEncoder{what: r}
	if f.prepare != nil {
		f.prepare(e)
	}
	f.made = append(f.made, e)
	return e, nil
}

func (f *fakeEncoders) all() []*fakeEncoder {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*fakeEncoder(nil), f.made...)
}

// got is what a fakeSink keeps of a frame.
type got struct {
	at    time.Time
	pts   time.Duration
	key   bool
	name  byte
	edge  int
	trace trace.Frame
}

type fakeSink struct {
	fail  atomic.Bool
	delay atomic.Int64

	mu     sync.Mutex
	frames []got
}

func (s *fakeSink) WriteFrame(f *frame.Encoded) error {
	if s.fail.Load() {
		return errors.New("nobody there")
	}
	if d := time.Duration(s.delay.Load()); d > 0 {
		time.Sleep(d)
	}
	f.Trace.Stamp(trace.Sent, time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames = append(s.frames, got{
		at: time.Now(), pts: f.PTS, key: f.Key, name: f.Data[0], edge: int(f.Data[1]) * 4, trace: f.Trace,
	})
	return nil
}

// all is every frame so far.
func (s *fakeSink) all() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]got(nil), s.frames...)
}

// since is every frame from at on.
func (s *fakeSink) since(at time.Time) (out []got) {
	for _, f := range s.all() {
		if !f.at.Before(at) {
			out = append(out, f)
		}
	}
	return out
}

func keysOf(frames []got) (out []got) {
	for _, f := range frames {
		if f.key {
			out = append(out, f)
		}
	}
	return out
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func testConfig() Config {
	c := DefaultConfig()
	c.Size = 512
	return c
}

// interval is the time between two pictures of testConfig.
const interval = time.Second / 30

// rig is a loop that runs in a bubble of its own time.
type rig struct {
	t        *testing.T
	loop     *Loop
	gen      *watchfulGenerator
	encoders *fakeEncoders
	log      *bytes.Buffer // read it when the loop has stopped
	stop     func()        // ends the loop
}

// bubble runs f with a running loop. The bubble fails the test if a goroutine is left when f has returned and the loop has
// ended, so f closes the sessions that it opens, or leaves that to open.
func bubble(t *testing.T, f func(r *rig)) { bubbleOf(t, testConfig(), f) }

func bubbleOf(t *testing.T, cfg Config, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, gen: &watchfulGenerator{}, encoders: &fakeEncoders{}, log: &bytes.Buffer{}}
		r.loop = NewLoop(cfg, r.gen, r.encoders.make, slog.New(slog.NewTextHandler(r.log, nil)))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); r.loop.Run(ctx) }()
		r.stop = func() { cancel(); <-done }
		t.Cleanup(r.stop)
		synctest.Wait()
		f(r)
	})
}

func newDriver(rest *motion.Rest) *drive.Driver {
	return drive.New(rest, drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil)
}

func openOn(t *testing.T, l *Loop, name byte) (*Session, *fakeSubject) {
	t.Helper()
	sub := subject(name)
	s, err := l.Open(sub, newDriver(sub.Rest()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, sub
}

func (r *rig) open(name byte) (*Session, *fakeSubject) {
	r.t.Helper()
	return openOn(r.t, r.loop, name)
}

func view(t *testing.T, s *Session, what Rendition, to Sink) *Viewer {
	t.Helper()
	v, err := s.View(what, to)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (r *rig) view(s *Session, what Rendition) (*Viewer, *fakeSink) {
	r.t.Helper()
	sink := &fakeSink{}
	return view(r.t, s, what, sink), sink
}

func put(s *Session, seq uint32) {
	s.Mailbox().Put(&landmark.Arrival{
		Sample:   landmark.Sample{Seq: seq, CaptureMicros: 1_000_000 + uint64(seq)*33_333},
		Received: time.Now(),
	})
}

// feed puts a sample every interval for so long.
func feed(s *Session, long time.Duration) {
	for i := uint32(1); time.Duration(i)*interval <= long; i++ {
		put(s, i)
		time.Sleep(interval)
	}
}
