package pipeline

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Packet is a piece of a session's sound, as the driver's browser compressed it.
type Packet struct {
	Opus []byte        // one packet of Opus (RFC 6716)
	PTS  time.Duration // that of the picture which belongs to it
	Span time.Duration // how long it sounds: 2.5 to 120 ms
}

// SoundSink takes a session's sound, one packet at a time.
type SoundSink interface {
	// WriteSound takes one packet. Neither p nor its bytes are kept or changed. It must not block, and must not call
	// Listener.Leave. An error costs this listener this packet.
	WriteSound(p *Packet) error
}

// MaxListeners is how many may listen to one session: as many as may watch it.
const MaxListeners = MaxViewers

// sound hands the driver's packets to all who listen.
type sound struct {
	mu        sync.Mutex // guards the following; held while a packet is handed out
	over      bool
	listeners []*Listener
	pts       time.Duration // of the newest packet
	shift     time.Duration // of what is heard now

	// lag is how much later than a face was captured its picture is presented, in nanoseconds. Only the loop writes it.
	lag atomic.Int64
}

const (
	// maxShift is how far sound moves with a packet to stay with the picture. More would be heard.
	maxShift = 500 * time.Microsecond
	// offShift is how far it may be off before it jumps.
	offShift = 200 * time.Millisecond
	// maxLag bounds what is believed.
	maxLag = 2 * time.Second
)

// follow takes the lag of one picture.
func (s *sound) follow(lag time.Duration) {
	old := s.lag.Load()
	if lag = min(max(lag, 0), maxLag); old == 0 {
		old = int64(lag)
	}
	s.lag.Store(old + (int64(lag)-old)/32)
}

// move takes the sound a step nearer to the picture. mu is held.
func (s *sound) move() {
	off := time.Duration(s.lag.Load()) - s.shift
	if s.pts > 0 && off.Abs() < offShift {
		off = min(max(off, -maxShift), maxShift)
	}
	s.shift += off
}

// Listener is one way out of a session's sound. Leave is safe for concurrent use.
type Listener struct {
	of   *sound
	sink SoundSink
}

// Listen starts a way out for the sound; a driver without a microphone gives none. It fails with ErrViewers or ErrClosed.
func (s *Session) Listen(to SoundSink) (*Listener, error) {
	s.sound.mu.Lock()
	defer s.sound.mu.Unlock()
	switch {
	case s.sound.over:
		return nil, ErrClosed
	case len(s.sound.listeners) >= MaxListeners:
		return nil, ErrViewers
	}
	l := &Listener{of: &s.sound, sink: to}
	s.sound.listeners = append(s.sound.listeners, l)
	return l, nil
}

// Leave ends it: once it has returned, the sink gets no packet.
func (l *Listener) Leave() {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	if i := slices.Index(l.of.listeners, l); i >= 0 {
		l.of.listeners = slices.Delete(l.of.listeners, i, i+1)
	}
}

// Sound hands a packet that began to sound at a time of this machine's clock to all who listen, and sets its PTS: that of the
// picture of the same moment, which is drawn a little later. It does not keep the packet. Packets that do not grow in time are
// dropped, as is all after the session's end.
func (s *Session) Sound(p *Packet, at time.Time) {
	s.sound.mu.Lock()
	defer s.sound.mu.Unlock()
	s.sound.move()
	p.PTS = at.Sub(s.clock.start) + s.sound.shift
	if s.sound.over || p.PTS <= s.sound.pts {
		return
	}
	s.sound.pts = p.PTS
	for _, l := range s.sound.listeners {
		_ = l.sink.WriteSound(p) // a listener that misses one has its own way to say so
	}
}

// end forgets all listeners.
func (s *sound) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.listeners = true, nil
}
