package pipeline

import (
	"errors"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// ear keeps the times of what it hears.
type ear struct {
	heard []time.Duration
	deaf  bool
}

func (e *ear) WriteSound(p *Packet) error {
	if e.deaf {
		return errors.New("deaf")
	}
	e.heard = append(e.heard, p.PTS)
	return nil
}

func TestSoundGoesToAllWhoListen(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		opened := time.Now()
		var one, two, deaf ear
		deaf.deaf = true
		var listeners []*Listener
		for _, e := range []*ear{&deaf, &one, &two} {
			l, err := s.Listen(e)
			if err != nil {
				t.Fatal(err)
			}
			listeners = append(listeners, l)
		}
		say := func(after time.Duration) { s.Sound(&Packet{Opus: []byte{0}}, opened.Add(after)) }
		say(20 * time.Millisecond)
		say(20 * time.Millisecond) // twice
		say(10 * time.Millisecond) // back in time
		say(40 * time.Millisecond)
		listeners[2].Leave()
		listeners[2].Leave()
		say(60 * time.Millisecond)
		s.Close()
		say(80 * time.Millisecond)
		if n := len(one.heard); n != 3 || one.heard[0] != 20*time.Millisecond || one.heard[2] != 60*time.Millisecond {
			t.Errorf("the first heard %v", one.heard)
		}
		if n := len(two.heard); n != 2 {
			t.Errorf("the one that left heard %v", two.heard)
		}
		if _, err := s.Listen(&one); !errors.Is(err, ErrClosed) {
			t.Errorf("listening to an ended session: %v", err)
		}
	})
}

// TestSoundStaysWithThePicture: sound gets the time of the picture of the same moment, and moves too little at once to be heard.
func TestSoundStaysWithThePicture(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		_, sink := r.view(s, Rendition{})
		opened := time.Now()
		var e ear
		if _, err := s.Listen(&e); err != nil {
			t.Fatal(err)
		}
		const tracking = 35 * time.Millisecond
		say := func() {
			s.Sound(&Packet{Opus: []byte{0}}, time.Now().Add(-interval))
		}
		say()
		for i := range 150 {
			s.Mailbox().Put(&landmark.Arrival{
				Sample:   landmark.Sample{Seq: uint32(i), CaptureMicros: 1_000_000 + uint64(i)*uint64(interval.Microseconds())},
				Received: time.Now(), Captured: time.Now().Add(-tracking),
			})
			time.Sleep(interval)
			say() // of when the sample was put
		}
		last := e.heard[0]
		for i, pts := range e.heard[1:] {
			if step := pts - last - interval; step < -maxShift || step > maxShift {
				t.Errorf("packet %d: %v after the one before", i+1, pts-last)
			}
			last = pts
		}
		frames := sink.all()
		picture := frames[len(frames)-1].pts
		// The newest picture shows what was captured so long before the packet sounded.
		if off := last - tracking - picture; off.Abs() > 2*time.Millisecond {
			t.Errorf("sound is %v later than its picture (session %v old)", off, time.Since(opened))
		}
	})
}

func TestListenersAreBounded(t *testing.T) {
	bubble(t, func(r *rig) {
		s, _ := r.open(1)
		for range MaxListeners {
			if _, err := s.Listen(&ear{}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Listen(&ear{}); !errors.Is(err, ErrViewers) {
			t.Errorf("one too many: %v", err)
		}
	})
}
