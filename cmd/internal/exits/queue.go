package exits

import (
	"errors"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// queued is one frame or one packet of sound.
type queued struct {
	sound bool
	key   bool
	pts   time.Duration
	span  time.Duration // of a packet
	data  []byte
}

// queueLength is how much waits for a slow reader: about a second of frames with their sound.
const queueLength = 96

// queue takes a session's frames and sound for one reader who may be slow, and never blocks who writes. When it is full, what
// waits is worth nothing any more: all of it is dropped, and so is all until the next keyframe, which is asked for.
type queue struct {
	wake chan struct{}

	mu       sync.Mutex // guards the following, never for long
	keyframe func()     // asks for one
	ring     [queueLength]queued
	first, n int
	skipping bool // until the next keyframe
	ended    bool
	dropped  uint64
}

var errBehind = errors.New("the other side is too slow; frames are missing")

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1), keyframe: func() {}} }

// WriteFrame implements pipeline.Sink.
func (q *queue) WriteFrame(f *frame.Encoded) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if f.Key {
		q.skipping = false
	}
	if q.n == len(q.ring) {
		q.dropped += uint64(q.n)
		q.n = 0
		q.skipping = !f.Key
	}
	if q.skipping {
		q.dropped++
		q.keyframe()
		return errBehind
	}
	q.put(queued{key: f.Key, pts: f.PTS}, f.Data)
	f.Trace.Stamp(trace.Sent, time.Now())
	return nil
}

// WriteSound implements pipeline.SoundSink.
func (q *queue) WriteSound(p *pipeline.Packet) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == len(q.ring) {
		q.dropped++
		return errBehind // the next frame clears it
	}
	q.put(queued{sound: true, pts: p.PTS, span: p.Span}, p.Opus)
	return nil
}

// put copies data into the next place, whose bytes are used again.
func (q *queue) put(e queued, data []byte) {
	at := &q.ring[(q.first+q.n)%len(q.ring)]
	e.data = append(at.data[:0], data...)
	*at = e
	q.n++
	q.nudge()
}

func (q *queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// wantKeyframes says how to ask for a keyframe.
func (q *queue) wantKeyframes(ask func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.keyframe = ask
}

// lost is how many frames and packets were dropped.
func (q *queue) lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}

// end lets next report the end once all that waits has been read.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.nudge()
}

// next waits for what comes next and puts it into e, whose bytes it takes in return. It reports false at the end.
func (q *queue) next(e *queued) bool {
	for {
		if took, over := q.take(e); took || over {
			return took
		}
		<-q.wake
	}
}

func (q *queue) take(e *queued) (took, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return false, q.ended
	}
	at := &q.ring[q.first]
	*e, *at = *at, *e
	q.first, q.n = (q.first+1)%len(q.ring), q.n-1
	return true, false
}
