package pipeline

import (
	"runtime"
	"testing"
	"time"
	"weak"
)

// TestEndedSessionsAreForgotten: once a session is closed nothing of the loop holds it, nor what it was watched by, also while nobody
// else is there.
func TestEndedSessionsAreForgotten(t *testing.T) {
	bubble(t, func(r *rig) {
		session, sink := func() (weak.Pointer[Session], weak.Pointer[fakeSink]) {
			sub := subject(1)
			s, err := r.loop.Open(sub, newDriver(sub.Rest()))
			if err != nil {
				t.Fatal(err)
			}
			to := &fakeSink{}
			view(t, s, Rendition{Codec: VP8}, to)
			feed(s, time.Second)
			if len(to.all()) == 0 {
				t.Fatal("nothing was drawn")
			}
			s.Close()
			return weak.Make(s), weak.Make(to)
		}()
		time.Sleep(time.Second)
		for range 10 {
			runtime.GC()
			if session.Value() == nil && sink.Value() == nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Errorf("kept: the session %v, its sink %v", session.Value() != nil, sink.Value() != nil)
	})
}
