package live

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// TestNaNShowsGeometry: a generator that gives no numbers costs nobody a frame; the failures are counted and logged.
func TestNaNShowsGeometry(t *testing.T) {
	testenv.Config(t)
	d := openServer(t, testenv.NaNGenerator(t, t.TempDir()))
	o, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := o.(*session)
	defer s.Close()
	stream, err := s.View(rtc.DiscardOutput(rtc.CodecVP8))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Leave()
	play, err := perform.New("moods")
	if err != nil {
		t.Fatal(err)
	}
	var a landmark.Arrival
	for i := 0; i < 300 && s.session.Counts().Encoded < 10; i++ {
		play.At(time.Duration(i)*time.Second/30, &a.Sample)
		a.Sample.Seq, a.Sample.CaptureMicros, a.Received = uint32(i+1), uint64(i*33_333+1), time.Now()
		s.Mailbox().Put(&a)
		time.Sleep(20 * time.Millisecond)
	}
	if c := s.session.Counts(); c.Encoded < 10 || c.Failed > 0 {
		t.Errorf("frames %+v", c)
	}
	if n := s.faults.Load(); n < 10 {
		t.Errorf("%d faults were counted", n)
	}
}
