package camera

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"github.com/pion/mediadevices/pkg/driver/availability"
)

// State says how a camera is.
type State string

// The states.
const (
	Starting State = "starting"
	Live     State = "live"
	Missing  State = "missing" // unplugged, or never there
	Busy     State = "busy"    // another program has it
	Denied   State = "denied"
	Stalled  State = "stalled" // it is open and gives nothing
	Slow     State = "slow"
	Black    State = "black"
	NoFace   State = "no_face"
	Failed   State = "failed"
)

// Status is how a camera is, for people.
type Status struct {
	ID      string
	State   State
	Message string // a sentence that says what to do; "" where all is well
	Format  string // of its pictures; "" while it is not open
	FPS     float64
}

// What counts as not well.
const (
	judgeEvery = time.Second
	slowBelow  = 12.0             // pictures a second
	blackBelow = 24               // luma, 0 to 255, of the brightest pixel looked at
	badFor     = 2                // judgements before it is said, and good ones before it no longer is
	stalledFor = 3 * judgeEvery   // without a picture
	wellFor    = 10 * time.Second // then the next attempt after a fault comes soon again
)

// health judges a camera by its pictures, once a judgeEvery. It is used by one goroutine.
type health struct {
	frames    uint64    // of the camera, at the last judgement
	at        time.Time // of the last judgement
	newest    time.Time // when frames last grew
	dark, dim int       // bad judgements, see count: black, slow
	lost      int       // and without a face
}

// seen is what a judgement rests on.
type seen struct {
	frames  uint64 // that the camera gave so far
	black   bool   // the newest is
	noFace  bool   // in the newest
	tracked bool   // there is a newest
}

// judge says how the camera is at now.
func (h *health) judge(now time.Time, s seen) (State, float64) {
	if s.frames != h.frames || h.newest.IsZero() {
		h.newest = now
	}
	var fps float64
	if !h.at.IsZero() && s.frames >= h.frames {
		fps = float64(s.frames-h.frames) / now.Sub(h.at).Seconds()
	}
	first := h.at.IsZero()
	h.frames, h.at = s.frames, now
	h.dim = count(h.dim, !first && fps < slowBelow)
	h.dark = count(h.dark, s.black)
	h.lost = count(h.lost, s.noFace)
	switch {
	case now.Sub(h.newest) >= stalledFor:
		return Stalled, fps
	case h.dark >= badFor:
		return Black, fps
	case h.dim >= badFor:
		return Slow, fps
	case !s.tracked:
		return Starting, fps
	case h.lost >= badFor:
		return NoFace, fps
	}
	return Live, fps
}

// count goes up with each bad judgement and down with each good one, so that what is on the edge is not said every second.
func count(n int, bad bool) int {
	if !bad {
		return max(0, n-1)
	}
	if n+1 >= badFor {
		return 2*badFor - 1 // badFor good ones lead below it again
	}
	return n + 1
}

// words is what people hear of a state.
func words(id string, s State, fps float64) string {
	switch played := opener(id, nil) != nil; {
	case played && (s == Stalled || s == Slow):
		return fmt.Sprintf("%s plays at %.0f pictures a second; give this machine less to do.", id, fps)
	case s == Stalled:
		return fmt.Sprintf("The %s gives no pictures any more; plug it in anew if that lasts.", called(id))
	case s == Slow:
		return fmt.Sprintf("The %s gives only %.0f pictures a second; give it more light or a USB port of its own, or this machine less to do.", called(id), fps)
	case s == Black:
		return fmt.Sprintf("The picture of the %s is black; open its shutter, or take the cover off.", called(id))
	case s == NoFace:
		return fmt.Sprintf("The %s sees no face; sit before it, in some light.", called(id))
	}
	return ""
}

// called is what a camera is called in a sentence.
func called(id string) string {
	if id == Any {
		return "camera"
	}
	return "camera " + id
}

// stateOf says what a fault means.
func stateOf(err error) State {
	switch {
	case errors.Is(err, errMissing), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO),
		errors.Is(err, availability.ErrNoDevice):
		return Missing
	case errors.Is(err, syscall.EBUSY), errors.Is(err, availability.ErrBusy):
		return Busy
	case errors.Is(err, fs.ErrPermission):
		return Denied
	}
	return Failed
}

// sentence is a fault for people.
func sentence(id string, err error) string {
	switch s := stateOf(err); {
	case s == Missing && id == Any:
		return "There is no camera; plug one in, it is picked up by itself."
	case s == Missing:
		return fmt.Sprintf("The %s is not there; plug it in, it is picked up by itself (gioconda cameras lists those that are).", called(id))
	case s == Busy:
		return fmt.Sprintf("Another program uses the %s; close that, and it is picked up by itself.", called(id))
	case s == Denied:
		return fmt.Sprintf("You may not open the %s; add yourself to the group video, and log in again.", called(id))
	}
	return fmt.Sprintf("The %s cannot be read: %v.", called(id), err)
}

// board holds the newest status. Methods are safe for concurrent use.
type board struct {
	mu     sync.Mutex
	status Status
}

func (b *board) get() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// set takes a status, and tells whether its state is another one.
func (b *board) set(s Status) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed = b.status.State != s.State
	b.status = s
	return changed
}
