package signalling

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// TestMicrophone: a session hears its browser's microphone, and the browser hears nothing.
func TestMicrophone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.dial().greet(nil)
		var m *rtctest.Microphone
		b.plug = func() { m = b.Microphone() }
		b.connect()
		m.Talk(20)
		time.Sleep(100 * time.Millisecond)
		if n := s.host.last().heard.Load(); n != 20 || len(b.Sound.Packets) != 0 {
			t.Errorf("%d packets of 20 were heard, %d came back", n, len(b.Sound.Packets))
		}
	})
}
