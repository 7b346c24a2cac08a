package live

import (
	"errors"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

type ear struct{ heard []string }

func (e *ear) WriteSound(p *pipeline.Packet) error {
	e.heard = append(e.heard, string(p.Opus)+" "+p.Span.String())
	return nil
}

// TestSoundGoesFromTheDriverToThePipeline: what a browser says is heard by who listens, and by nobody after its end.
func TestSoundGoesFromTheDriverToThePipeline(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	opened, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := opened.(*session)
	if !ok {
		t.Fatalf("%T", opened)
	}
	var e ear
	l, err := s.session.Listen(&e)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	packet := []byte("one")
	if n := testing.AllocsPerRun(10, func() {
		now = now.Add(20 * time.Millisecond)
		s.session.Sound(&pipeline.Packet{}, time.Time{}) // too old, and dropped
		s.Hear(packet, 20*time.Millisecond, now)
	}); n > 3 { // the ear's own
		t.Errorf("%v allocations a packet", n)
	}
	l.Leave()
	s.Hear([]byte("two"), 20*time.Millisecond, now.Add(time.Second))
	if len(e.heard) != 11 || e.heard[0] != "one 20ms" {
		t.Errorf("heard %v", e.heard)
	}
	s.Close()
	if _, err := s.Listen(nil); !errors.Is(err, pipeline.ErrClosed) {
		t.Errorf("listening to an ended session: %v", err)
	}
}
