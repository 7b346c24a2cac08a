package rtc

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// meet answers a browser's whole offer with a whole answer, without a Signaller.
func (s *stand) meet(t *testing.T, b *rtctest.Browser, o PeerOptions) *Peer {
	t.Helper()
	p := s.peer(t, o)
	answer, err := p.Offer(t.Context(), b.WholeOffer())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer, "a=candidate:") || !strings.Contains(answer, "a=end-of-candidates") {
		t.Errorf("candidates are missing in the answer:\n%s", answer)
	}
	b.Answer(answer)
	rtctest.Expect(t, b.Up)
	return p
}

// TestViewOnly: two browsers watch the same session, and the channels that one of them opens lead nowhere.
func TestViewOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		first := rtctest.NewBrowser(t, s.nets.Client, false, true)
		second := rtctest.NewBrowser(t, s.nets.Client, true, true)
		ended := make(chan struct{})
		second.Control.OnClose(func() { close(ended) })
		p := s.meet(t, first, PeerOptions{View: s.portrait, Codec: CodecVP8})
		s.meet(t, second, PeerOptions{View: s.portrait, Codec: CodecVP8})
		first.Frames(10)
		second.Frames(10)
		rtctest.Expect(t, ended)
		if s.portrait.asked.Load() != 0 || s.portrait.events.Load() != nil || s.portrait.mailbox.Full() {
			t.Error("one that only views has driven")
		}

		first.Close()
		rtctest.Expect(t, p.Done())
		if !p.Down() || s.portrait.viewed.Load() != 2 || s.portrait.left.Load() != 1 {
			t.Errorf("%d came to view, %d left", s.portrait.viewed.Load(), s.portrait.left.Load())
		}
		second.Frames(10)
	})
}

func TestDriveOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := rtctest.NewBrowser(t, s.nets.Client, true, false)
		s.meet(t, b, PeerOptions{Drive: s.portrait})
		rtctest.Expect(t, b.Open)
		if err := b.Landmarks.Send(rtctest.Datagram(t, 5)); err != nil {
			t.Fatal(err)
		}
		if m := b.Ask(8, `{"id":8,"type":"settings"}`); m["mirror"] != true {
			t.Errorf("settings: %v", m)
		}
		if m := b.Ask(9, `{"id":9,"type":"keyframe"}`); m["ok"] != true {
			t.Errorf("keyframe: %v", m)
		}
		if err := s.portrait.events.Load().Send(object{"event": "lost"}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		var a landmark.Arrival
		if !s.portrait.mailbox.Take(&a) || a.Sample.Seq != 5 || s.portrait.viewed.Load() != 0 {
			t.Errorf("sample %d, %d came to view", a.Sample.Seq, s.portrait.viewed.Load())
		}
		if len(b.Reports) != 0 || strings.Contains(b.Answered(), "m=video") {
			t.Errorf("%d reports; answer:\n%s", len(b.Reports), b.Answered())
		}
	})
}

func TestPeerNeedsARole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		if _, err := s.transport.NewPeer(t.Context(), PeerOptions{Codec: CodecVP8}); !errors.Is(err, ErrConfig) {
			t.Errorf("no role: %v", err)
		}
		if _, err := s.transport.NewPeer(t.Context(), PeerOptions{View: s.portrait}); !errors.Is(err, ErrCodec) {
			t.Errorf("no codec: %v", err)
		}
	})
}

func TestH264WithoutPlayoutDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, _, _ := s.connect(t, PeerOptions{Codec: CodecH264})
		receiver := rtctest.Expect(t, b.Receiver)
		if mime := receiver.Track().Codec().MimeType; mime != webrtc.MimeTypeH264 {
			t.Errorf("codec %s", mime)
		}
		if id := b.Extension(rtctest.PlayoutDelay, receiver); id != 0 {
			t.Errorf("playout delay was negotiated as %d", id)
		}
		kinds := map[byte]int{}
		for kinds[1] < 10 {
			kinds[rtctest.Expect(t, b.Packets).Payload[0]&0x1f]++
		}
		if kinds[7] == 0 || kinds[8] == 0 {
			t.Errorf("NAL unit kinds %v: want parameter sets and slices", kinds)
		}
	})
}

// TestLostConnection: with a Signaller the peer waits for a restart of ICE, without one it is done.
func TestLostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, p, w := s.connect(t, PeerOptions{Codec: CodecVP8})
		alone := rtctest.NewBrowser(t, s.nets.Client, false, true)
		q := s.meet(t, alone, PeerOptions{View: s.portrait, Codec: CodecVP8})
		b.Frames(3)
		before, cut := b.Answered(), time.Now()
		s.nets.Lose(1)
		if why := rtctest.Expect(t, w.interrupted); why != nil || !p.Down() {
			t.Errorf("interrupted for %v, down %v", why, p.Down())
		}
		rtctest.Expect(t, q.Done())
		if took := time.Since(cut); took < 8*time.Second || took > 12*time.Second {
			t.Errorf("given up after %v, want the 4 s and 6 s of the ICE timeouts", took)
		}
		s.nets.Lose(0)
		if _, err := p.Offer(t.Context(), b.Offer(&webrtc.OfferOptions{ICERestart: true})); err != nil {
			t.Fatal(err)
		}
		rtctest.Eventually(t, "connected again", func() bool { return !p.Down() && b.Answered() != before })
		b.Frames(10)
		if s.portrait.viewed.Load() != 2 || s.portrait.left.Load() != 1 {
			t.Errorf("%d came to view, %d left", s.portrait.viewed.Load(), s.portrait.left.Load())
		}
	})
}

// TestPeerEnds: the Signaller hears why.
func TestPeerEnds(t *testing.T) {
	t.Run("the browser leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			b, p, w := s.connect(t, PeerOptions{Codec: CodecVP8})
			b.Frames(3)
			left := time.Now()
			b.Close()
			if why := rtctest.Expect(t, w.interrupted); !errors.Is(why, ErrClosed) {
				t.Errorf("interrupted for %v, want ErrClosed", why)
			}
			rtctest.Expect(t, p.Done())
			if took := time.Since(left); took > time.Second {
				t.Errorf("noticed after %v", took)
			}
		})
	})
	t.Run("nothing to view", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			s.portrait.viewErr = errors.New("no encoder")
			_, p, w := s.connect(t, PeerOptions{Codec: CodecVP8})
			if why := rtctest.Expect(t, w.interrupted); !errors.Is(why, s.portrait.viewErr) {
				t.Errorf("interrupted for %v", why)
			}
			rtctest.Expect(t, p.Done())
		})
	})
	t.Run("closed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			_, p, w := s.connect(t, PeerOptions{Codec: CodecVP8})
			p.Close()
			p.Close()
			if len(w.interrupted) != 0 || s.portrait.left.Load() != 1 {
				t.Errorf("%d interruptions, %d left", len(w.interrupted), s.portrait.left.Load())
			}
		})
	})
}

func TestBadOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *Config) { c.ICEServers = []ICEServer{{URLs: []string{"stun:10.0.0.9:3478"}}} })
		p := s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8})
		var e *Error
		if _, err := p.Offer(t.Context(), "nonsense"); !errors.As(err, &e) || e.Code != CodeBadSDP {
			t.Errorf("nonsense: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b := rtctest.NewBrowser(t, s.nets.Client, false, true)
		if _, err := p.Offer(ctx, b.WholeOffer()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a server for candidates that does not answer: %v", err)
		}
		q, offer, from := s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8}), b.PC.LocalDescription().SDP, time.Now()
		time.AfterFunc(time.Second, q.Close)
		if _, err := q.Offer(t.Context(), offer); !errors.Is(err, ErrClosed) || time.Since(from) > 2*time.Second {
			t.Errorf("closed meanwhile: %v after %v", err, time.Since(from))
		}
	})
}

// TestManyChannels: nobody reads those that are beyond what a browser needs.
func TestManyChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, p, _ := s.connect(t, PeerOptions{Codec: CodecVP8})
		var last *webrtc.DataChannel
		for range maxChannels - 3 {
			last = b.Channel("landmarks", nil, nil)
			time.Sleep(100 * time.Millisecond)
		}
		before := p.landmarks.Load()
		one := b.Channel("landmarks", nil, nil)
		closed := make(chan struct{})
		one.OnClose(func() { close(closed) })
		rtctest.Expect(t, closed)
		if p.channels.Load() != maxChannels+1 || p.landmarks.Load() != before {
			t.Errorf("%d channels; the last one is read", p.channels.Load())
		}
		if err := last.Send(rtctest.Datagram(t, 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if !s.portrait.mailbox.Full() {
			t.Error("the last one that is served is not")
		}
	})
}

// TestNewestLandmarksChannelCounts: a page that opens another one counts anew, and the older one is done.
func TestNewestLandmarksChannelCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, p, _ := s.connect(t, PeerOptions{Codec: CodecVP8})
		sent := func(dc *webrtc.DataChannel, seq uint32) bool {
			if err := dc.Send(rtctest.Datagram(t, seq)); err != nil {
				t.Log(err)
			}
			time.Sleep(100 * time.Millisecond)
			var a landmark.Arrival
			return s.portrait.mailbox.Take(&a) && a.Sample.Seq == seq
		}
		if !sent(b.Landmarks, 7) || sent(b.Landmarks, 7) {
			t.Error("the first channel")
		}
		newer := b.Channel("landmarks", nil, nil)
		time.Sleep(100 * time.Millisecond)
		if !sent(newer, 0) || sent(b.Landmarks, 8) || !sent(newer, 1) {
			t.Error("the newer channel does not take over")
		}
		if n := p.counters.Counts(); n.Samples != 3 || n.Stale != 1 {
			t.Errorf("counts %+v", n)
		}
	})
}
