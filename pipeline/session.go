package pipeline

import (
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// buffer is one of a session's two picture buffers: while one is compressed the other is drawn.
type buffer struct {
	img   *frame.I420
	trace trace.Frame
	pts   time.Duration
}

// Session is one driver with one persona. Samples go into its mailbox, frames come out of its output.
// Exported methods are safe for concurrent use.
type Session struct {
	loop *Loop
	in   *latest.Slot[landmark.Arrival]
	out  *output
	free chan *buffer

	mu      sync.Mutex // guards what waits for the loop
	pending pending
	closed  bool

	// Owned by the loop's goroutine.
	subject Subject
	mover   Mover
	state   motion.State
	arrival landmark.Arrival
	cadence cadence
	clock   ptsClock
	current *buffer
}

// pending is what other goroutines ask of the loop; applied before the session's next picture.
type pending struct {
	subject Subject
	actions []func(m Mover, s Subject)
}

// Mailbox is where the driver's newest sample goes.
func (s *Session) Mailbox() *latest.Slot[landmark.Arrival] { return s.in }

// Attach starts a stream: pictures are drawn from now on, compressed by enc and written to sink.
// The session owns enc and closes it; a stream that was attached before ends.
func (s *Session) Attach(enc Encoder, sink Sink) {
	s.out.attach(enc, sink)
	s.loop.nudge()
}

// Detach ends the stream if it still goes to sink; nothing is drawn until the next Attach.
func (s *Session) Detach(sink Sink) { s.out.detach(sink) }

// RequestKeyframe makes the next frame decodable by itself.
func (s *Session) RequestKeyframe() { s.out.key.Store(true) }

// SetBitrate aims the encoder at bps bit/s, clamped to the configured bounds.
func (s *Session) SetBitrate(bps int) {
	c := &s.loop.cfg
	s.out.bitrate.Store(int64(max(c.BitrateMin, min(c.BitrateMax, bps))))
}

// Bitrate is the encoder's present target in bit/s.
func (s *Session) Bitrate() int { return int(s.out.bitrate.Load()) }

// Show swaps the persona; the next picture is of the new one. The session owns sub, unless Show fails.
func (s *Session) Show(sub Subject) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if old := s.pending.subject; old != nil {
		old.Close() // never shown
	}
	s.pending.subject = sub
	s.loop.nudge()
	return nil
}

// Do runs f on the loop's goroutine before the session's next picture; f must be quick.
func (s *Session) Do(f func(m Mover, sub Subject)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	const maxWaiting = 64
	if len(s.pending.actions) >= maxWaiting {
		return ErrFull
	}
	s.pending.actions = append(s.pending.actions, f)
	return nil
}

// Counts are totals since the session began.
type Counts struct {
	Overwritten uint64 // samples that a newer one replaced before they were drawn
	Generated   uint64
	Encoded     uint64
	RateDropped uint64 // pictures that the encoder's rate control dropped
	Failed      uint64
}

// Counts returns a snapshot.
func (s *Session) Counts() Counts {
	c := s.out.counts()
	c.Overwritten = s.in.Dropped()
	return c
}

// Close ends the session: its place is free at once, its goroutine and encoder end before Close returns.
func (s *Session) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	s.mu.Unlock()
	s.loop.remove(s)
	s.out.close()
}

// apply runs what waited, on the loop's goroutine.
func (s *Session) apply() {
	s.mu.Lock()
	p := s.pending
	s.pending.subject = nil
	s.pending.actions = nil
	s.mu.Unlock()
	if p.subject != nil {
		s.subject.Close()
		s.subject = p.subject
		s.mover.SetRest(s.subject.Rest())
	}
	for _, f := range p.actions {
		f(s.mover, s.subject)
	}
}

// begin readies the next picture if one is due and a buffer is free; it reports whether a job was made.
func (s *Session) begin(now time.Time, job *Job) bool {
	if !s.out.live() {
		return false
	}
	if len(s.free) == 0 || !s.cadence.due(now, s.in.Full()) {
		return false
	}
	hasSample := s.in.Take(&s.arrival)
	s.apply()
	pic := <-s.free
	s.current = pic
	pic.trace = trace.Frame{}
	var capture uint64
	if hasSample {
		capture = s.arrival.Sample.CaptureMicros
		pic.trace.HasSample, pic.trace.Seq, pic.trace.CaptureMicros = true, s.arrival.Sample.Seq, capture
		pic.trace.Stamp(trace.Received, s.arrival.Received)
		s.mover.Feed(&s.arrival.Sample, now)
	}
	pic.trace.Stamp(trace.Taken, now)
	s.mover.Pose(&s.state, now)
	smp := &s.arrival.Sample
	s.state.HasMarker = hasSample && smp.Flags&landmark.FlagMarker != 0
	s.state.Marker = smp.Marker
	pic.pts = s.clock.at(now, capture)
	pic.trace.Stamp(trace.Retargeted, time.Now())
	s.cadence.began(now, hasSample)
	*job = Job{Subject: s.subject, State: &s.state, Dst: pic.img}
	return true
}

// finish hands a drawn picture to the encoder, or back if drawing failed.
func (s *Session) finish(job *Job) {
	pic := s.current
	s.current = nil
	if job.Err != nil {
		s.out.failed.Add(1)
		s.free <- pic
		return
	}
	pic.trace.Stamp(trace.Drawn, job.Drawn)
	pic.trace.Stamp(trace.Generated, time.Now())
	s.out.generated.Add(1)
	s.out.work <- pic // two buffers, room for one: never blocks
}
