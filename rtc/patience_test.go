package rtc

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// TestPatience: who never connects, or sends no RTCP, is given up in time; who reports stays.
func TestPatience(t *testing.T) {
	bounds := PeerOptions{Codec: CodecVP8, ConnectWithin: 15 * time.Second, SilentFor: 30 * time.Second}
	t.Run("no connection", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			b := rtctest.NewBrowser(t, s.nets.Client, false, true)
			o, from := bounds, time.Now()
			o.View, o.ConnectWithin = s.portrait, 5*time.Second // ICE itself gives up after ten
			p := s.peer(t, o)
			if _, err := p.Offer(t.Context(), b.WholeOffer()); err != nil { // the answer is lost
				t.Fatal(err)
			}
			<-p.Done()
			if took := time.Since(from); took < 5*time.Second || took > 6*time.Second {
				t.Errorf("given up after %v", took)
			}
		})
	})
	t.Run("silent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			o := bounds
			o.View = s.portrait
			p := s.meet(t, rtctest.NewMute(t, s.nets.Client), o)
			from := time.Now()
			<-p.Done()
			if took := time.Since(from); took < 29*time.Second || took > 31*time.Second {
				t.Errorf("given up after %v", took)
			}
		})
	})
	t.Run("heard", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			o := bounds
			o.View, o.SilentFor = s.portrait, 5*time.Second
			p := s.meet(t, rtctest.NewBrowser(t, s.nets.Client, false, true), o)
			select {
			case <-p.Done():
				t.Error("a viewer that reports was given up")
			case <-time.After(20 * time.Second):
			}
		})
	})
}

// TestRestartWithoutSignaller: a second offer restarts ICE, and its answer holds the new candidates.
func TestRestartWithoutSignaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := rtctest.NewBrowser(t, s.nets.Client, false, true)
		p := s.meet(t, b, PeerOptions{View: s.portrait, Codec: CodecVP8})
		b.Frames(3)
		before := b.Answered()
		s.nets.Lose(1)
		time.Sleep(5 * time.Second)
		if !p.Down() {
			t.Error("a connection that was cut is not down")
		}
		s.nets.Lose(0)
		answer, err := p.Offer(t.Context(), b.WholeRestart())
		if err != nil {
			t.Fatal(err)
		}
		b.Answer(answer)
		rtctest.Eventually(t, "connected again", func() bool { return !p.Down() })
		b.Frames(10)
		if answer == before || s.portrait.viewed.Load() != 1 {
			t.Errorf("%d came to view", s.portrait.viewed.Load())
		}
	})
}
