package pipeline

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// Session is one driver with one persona. Samples go into its mailbox, frames come out of its viewers.
// Exported methods are safe for concurrent use.
type Session struct {
	loop    *Loop
	in      *latest.Slot[landmark.Arrival]
	buffers pool
	running sync.WaitGroup // the renditions' goroutines
	failed  chan struct{}  // see Failed
	broken  atomic.Bool    // failed is closed, or about to be
	gone    chan struct{}  // closed by the loop when it no longer touches the session

	sound sound

	generated, undrawn atomic.Uint64
	spent              spent
	slower             atomic.Uint64 // float64, see Slower
	rate               atomic.Int64  // see SetRate; 0: Config.FPS
	eased              atomic.Bool   // see Eased

	change    sync.Mutex // guards who watches: held while viewers come, move and go, for as long as an encoder takes to start
	viewers   []*Viewer
	balancing bool // timer is set
	timer     *time.Timer
	wishes    []int // room for othersWish

	mu         sync.Mutex // guards the following, never for long; taken after change
	pending    pending
	closed     bool
	renditions []*rendition // replaced, never changed
	ending     []*rendition // no longer given pictures, and at their last one; replaced, never changed
	past       FrameCounts  // of renditions that have ended

	// Owned by the loop's goroutine.
	subject Subject
	driver  *drive.Driver
	state   motion.State
	arrival landmark.Arrival
	cadence cadence
	clock   ptsClock
	current *buffer
	alpha   bool // somebody watches a rendition with Alpha
	wide    bool // somebody watches one that is wide and has a background
	burden  burden
}

// pending is what other goroutines ask of the loop; applied before the session's next picture.
type pending struct {
	subject   Subject
	options   drive.Options
	driven    bool // options are set
	calibrate bool
}

// Mailbox is where the driver's newest sample goes.
func (s *Session) Mailbox() *latest.Slot[landmark.Arrival] { return s.in }

// Show swaps the persona or its look; the next picture is of the new one, and of several in between the newest. The session
// owns sub, unless Show fails.
func (s *Session) Show(sub Subject) error {
	var old Subject
	err := s.ask(func(p *pending) { old, p.subject = p.subject, sub })
	if old != nil {
		s.loop.dispose(old) // never shown
	}
	return err
}

// Drive changes how the driver moves the portrait, from the next picture on; of several changes in between the newest holds.
func (s *Session) Drive(o drive.Options) error {
	return s.ask(func(p *pending) { p.options, p.driven = o, true })
}

// Calibrate takes the driver's next good samples as the neutral.
func (s *Session) Calibrate() error { return s.ask(func(p *pending) { p.calibrate = true }) }

// ask leaves a note for the loop, or fails with ErrClosed.
func (s *Session) ask(note func(*pending)) error {
	if s.loop.over() {
		return ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	note(&s.pending)
	s.loop.nudge()
	return nil
}

func (s *Session) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Close ends the session with all its viewers. When it returns the loop no longer touches the session, its subject is
// closed, and so are its encoders. It waits for no more than the pictures that are being drawn and compressed.
func (s *Session) Close() {
	s.change.Lock()
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		s.change.Unlock()
		return
	}
	s.sound.end()
	s.timer.Stop()
	for _, v := range s.viewers {
		v.end()
	}
	s.viewers = nil
	for _, r := range s.renditions {
		s.stop(r)
	}
	s.change.Unlock()
	s.loop.remove(s)
	s.running.Wait()
}

// release closes what the session showed or was to show; the session is in no pass any more.
func (s *Session) release() {
	defer wall.Catch("close", s.Fail)
	s.mu.Lock()
	next := s.pending.subject
	s.pending.subject = nil
	s.mu.Unlock()
	if next != nil {
		next.Close()
	}
	s.subject.Close()
}
