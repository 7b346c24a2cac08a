package whip

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// song is a Listenable that sounds all the time.
type song struct {
	t         *testing.T
	listeners atomic.Int32
}

func (s *song) Listen(out *rtc.AudioOutput) (rtc.Listener, error) {
	s.listeners.Add(1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pts := time.Duration(0); ctx.Err() == nil; pts += 20 * time.Millisecond {
			_ = out.WriteSound(rtctest.Packet(), pts)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return leave(func() { cancel(); <-done; s.listeners.Add(-1) }), nil
}

type leave func()

func (l leave) Leave() { l() }

// TestPushSound: picture and sound arrive in one MediaStream, and nobody listens any more in the end.
func TestPushSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in, _ := newPush(t)
		s := &song{t: t}
		p.Listen = s
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		receiver := rtctest.Expect(t, in.Came)
		receiver.Frames(5)
		sound := rtctest.Expect(t, receiver.Sound.Track)
		for range 10 {
			if p := rtctest.Expect(t, receiver.Sound.Packets); string(p.Payload) != string(rtctest.Packet()) {
				t.Errorf("%x", p.Payload)
			}
		}
		if picture := rtctest.Expect(t, receiver.Receiver).Track(); picture.StreamID() != sound.StreamID() {
			t.Errorf("picture in stream %q, sound in %q", picture.StreamID(), sound.StreamID())
		}
		cancel()
		if err := rtctest.Expect(t, done); err != nil || s.listeners.Load() != 0 {
			t.Errorf("%v, %d listeners", err, s.listeners.Load())
		}
	})
}
