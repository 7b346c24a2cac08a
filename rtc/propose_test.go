package rtc

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// call lets a peer call an ingest, and waits until its pictures flow.
func (s *stand) call(t *testing.T, codec string) (*rtctest.Browser, *Peer) {
	t.Helper()
	in := rtctest.NewIngest(t, s.nets.Client)
	p := s.peer(t, PeerOptions{View: s.portrait, Codec: codec, PlayoutDelay: true})
	offer, err := p.Propose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a=candidate:", "a=sendonly", "a=msid:gioconda", "a=group:BUNDLE", "a=rtcp-mux"} {
		if !strings.Contains(offer, want) {
			t.Errorf("no %s in the offer:\n%s", want, offer)
		}
	}
	answer, err := in.WholeAnswer(offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Accept(answer); err != nil {
		t.Fatal(err)
	}
	rtctest.Expect(t, in.Up)
	return in, p
}

// TestPropose: pictures flow to who was called, feedback comes back, and the peer ends with the other side.
func TestPropose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		in, p := s.call(t, CodecVP8)
		in.Frames(10)
		r := rtctest.Expect(t, in.Receiver)
		if in.Extension(PlayoutDelayURI, r) == 0 {
			t.Error("no playout delay")
		}
		pli := &rtcp.PictureLossIndication{MediaSSRC: uint32(r.Track().SSRC())}
		if err := in.PC.WriteRTCP([]rtcp.Packet{pli}); err != nil {
			t.Fatal(err)
		}
		rtctest.Eventually(t, "a keyframe is asked for", func() bool { return s.portrait.film.Load().Keyframes.Load() > 0 })
		in.Close()
		rtctest.Expect(t, p.Done())
	})
}

// TestProposeH264: the offer names the one form that all ingests take.
func TestProposeH264(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		in, _ := s.call(t, CodecH264)
		if p := rtctest.Expect(t, in.Packets); len(p.Payload) == 0 {
			t.Error("an empty packet")
		}
		line := regexp.MustCompile(`a=fmtp:\d+ .*packetization-mode=1.*`).FindString(in.PC.RemoteDescription().SDP)
		if !strings.Contains(line, "profile-level-id=42e01f") {
			t.Errorf("offered %q", line)
		}
	})
}

// TestProposeLost: a connection that is cut ends the peer, with trickling too, since nobody restarts ICE.
func TestProposeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		in := rtctest.NewIngest(t, s.nets.Client)
		w := newWire(t, in)
		p := s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8, Signaller: w})
		offer, err := p.Propose(t.Context())
		if err != nil || strings.Contains(offer, "a=candidate:") {
			t.Fatalf("%v, or candidates in an offer that trickles:\n%s", err, offer)
		}
		answer, err := in.WholeAnswer(offer)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Accept(answer); err != nil {
			t.Fatal(err)
		}
		rtctest.Expect(t, in.Up)
		s.nets.Lose(1)
		rtctest.Expect(t, p.Done())
	})
}

// TestAcceptRefuses: an answer that takes no video, or is none.
func TestAcceptRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		in := rtctest.NewIngest(t, s.nets.Client)
		p := s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8})
		offer, err := p.Propose(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		answer, err := in.WholeAnswer(offer)
		if err != nil {
			t.Fatal(err)
		}
		for text, code := range map[string]Code{
			"":                CodeBadSDP,
			"<html>no</html>": CodeBadSDP,
			strings.Replace(answer, "m=video 9", "m=video 0", 1):             CodeNoCodec,
			strings.Replace(answer, "a=recvonly", "a=inactive", 1):           CodeNoCodec,
			strings.ReplaceAll(answer, "VP8/90000", "H264/90000"):            CodeNoCodec,
			strings.Replace(answer, "a=fingerprint:", "a=no:", 1):            CodeBadSDP,
			strings.Replace(answer, "m=video 9 ", "m=application 9 ", 1):     CodeNoCodec,
			strings.Join(strings.Split(answer, "\r\n")[:4], "\r\n") + "\r\n": CodeBadSDP,
		} {
			var e *Error
			if err := p.Accept(text); !errors.As(err, &e) || e.Code != code {
				t.Errorf("%v, want %s, of\n%s", err, code, text)
			}
		}
	})
}

// TestProposeIsNotForDrivers: who drives is called.
func TestProposeIsNotForDrivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		p := s.peer(t, PeerOptions{Drive: s.portrait, View: s.portrait, Codec: CodecVP8})
		if _, err := p.Propose(t.Context()); !errors.Is(err, ErrConfig) {
			t.Error(err)
		}
	})
}

// TestProposeInTime: a STUN server that says nothing holds the offer up for five seconds at most.
func TestProposeInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *Config) {
			c.ICEServers = []ICEServer{{URLs: []string{"stun:10.0.0.99:3478"}}}
		})
		p := s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8})
		begin := time.Now()
		offer, err := p.Propose(t.Context())
		if err != nil || !strings.Contains(offer, "a=candidate:") {
			t.Errorf("%v:\n%s", err, offer)
		}
		if took := time.Since(begin); took > gatherWithin {
			t.Errorf("after %v", took)
		}
		p = s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Propose(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// TestProposeSound: sound goes with the picture, in one stream, unless the answer refuses it.
func TestProposeSound(t *testing.T) {
	for _, refused := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			in := rtctest.NewIngest(t, s.nets.Client)
			c := &chatter{t: t}
			p := s.peer(t, PeerOptions{View: s.portrait, Codec: CodecVP8, Listen: c, Sync: true})
			offer, err := p.Propose(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(offer, "a=msid:gioconda ") != 2 || strings.Count(offer, "a=sendonly") != 2 {
				t.Errorf("offer\n%s", offer)
			}
			answer, err := in.WholeAnswer(offer)
			if err != nil {
				t.Fatal(err)
			}
			if refused {
				answer = strings.Replace(answer, "m=audio 9", "m=audio 0", 1)
			}
			if err := p.Accept(answer); err != nil {
				t.Fatal(err)
			}
			in.Frames(10)
			if refused {
				if c.came.Load() != 0 {
					t.Error("sound is made for nobody")
				}
				return
			}
			for range 20 {
				rtctest.Expect(t, in.Sound.Packets)
			}
		})
	}
}
