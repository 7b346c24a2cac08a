package rtc

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

func TestWholeSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, p, w := s.connect(t, PeerOptions{Codec: CodecVP8, PlayoutDelay: true})
		pictures, keys := b.Frames(10)
		if keys != 1 || pictures[9].Width != rtctest.Side || pictures[9].Height != rtctest.Side {
			t.Errorf("%d keyframes, size %dx%d", keys, pictures[9].Width, pictures[9].Height)
		}
		checkSamples(t, s, b)
		if w.alive.Load() == 0 {
			t.Error("no sign of life")
		}
		receiver := <-b.Receiver
		checkExtension(t, b, receiver)
		checkKeyframes(t, s, b, uint32(receiver.Track().SSRC()))
		checkControl(t, b)
		checkReport(t, s, b)
		if err := s.portrait.events.Load().Send(object{"event": "lost"}); err != nil {
			t.Fatal(err)
		}
		for got := ""; got != `{"event":"lost"}`; {
			got = rtctest.Expect(t, b.Answers)
		}
		if bps := s.portrait.film.Load().Bitrate.Load(); bps < 100_000 {
			t.Errorf("bitrate %d", bps)
		}
		n := p.counters.Counts()
		if n.Samples != 3 || n.Frames < 10 || n.Bytes < n.Frames {
			t.Errorf("counts %+v", n)
		}
	})
}

// checkSamples sends three at once: the newest wins, and two are overwritten.
func checkSamples(t *testing.T, s *stand, b *rtctest.Browser) {
	t.Helper()
	for seq := range uint32(3) {
		if err := b.Landmarks.Send(rtctest.Datagram(t, seq)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(50 * time.Millisecond) // fake: the network's delay
	var a landmark.Arrival
	if !s.portrait.mailbox.Take(&a) || a.Sample.Seq != 2 || time.Since(a.Received) > 50*time.Millisecond {
		t.Errorf("seq %d received %v", a.Sample.Seq, a.Received)
	}
}

// checkExtension looks for three zero bytes under the negotiated number.
func checkExtension(t *testing.T, b *rtctest.Browser, from *webrtc.RTPReceiver) {
	t.Helper()
	id := b.Extension(rtctest.PlayoutDelay, from)
	p := rtctest.Expect(t, b.Packets)
	if got := p.GetExtension(id); len(got) != 3 || got[0]|got[1]|got[2] != 0 {
		t.Errorf("extension %d is % x, want 00 00 00", id, got)
	}
	for _, want := range []string{"transport-cc", "nack pli", "ccm fir"} {
		if !strings.Contains(b.Answered(), want) {
			t.Errorf("no %s in the answer:\n%s", want, b.Answered())
		}
	}
}

func checkKeyframes(t *testing.T, s *stand, b *rtctest.Browser, ssrc uint32) {
	t.Helper()
	film := s.portrait.film.Load()
	ask := map[string]func(){
		"PLI": func() { _ = b.PC.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}) },
		"FIR": func() {
			_ = b.PC.WriteRTCP([]rtcp.Packet{&rtcp.FullIntraRequest{MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc}}}})
		},
		"control": func() { b.Ask(1, `{"id":1,"type":"keyframe"}`) },
	}
	for name, f := range ask {
		before := film.Keyframes.Load()
		f()
		time.Sleep(50 * time.Millisecond)
		if n := film.Keyframes.Load() - before; n != 1 {
			t.Errorf("%s asked for %d keyframes", name, n)
		}
	}
}

func checkControl(t *testing.T, b *rtctest.Browser) {
	t.Helper()
	if m := b.Ask(7, `{"id":7,"type":"ping","t":12345}`); m["t"] != 12345.0 || m["server"].(float64) <= 0 {
		t.Errorf("ping: %v", m)
	}
	if m := b.Ask(8, `{"id":8,"type":"settings"}`); m["mirror"] != true || m["ok"] != true {
		t.Errorf("settings: %v", m)
	}
	big := `{"id":3,"type":"settings","x":"` + strings.Repeat("x", maxControl) + `"}`
	for _, c := range []struct {
		id      int
		request string
		want    Code
	}{
		{9, `{"id":9,"type":"persona"}`, CodeUnknownPersona},
		{10, `{"id":10,"type":"else"}`, CodeInternal},
		{11, `{"id":11,"type":"number"}`, CodeInternal},
		{-1, `{"type":"settings"}`, CodeBadMessage},
		{-1, `nonsense`, CodeBadMessage},
		{12, `{"id":12,"type":"ping","t":"x"}`, CodeBadMessage},
		{-1, big, CodeTooLarge},
	} {
		time.Sleep(200 * time.Millisecond) // refusals are answered five times a second
		if m := b.Ask(c.id, c.request); codeOf(m) != string(c.want) {
			t.Errorf("%.40s: %v, want %s", c.request, m, c.want)
		} else if strings.Contains(m["error"].(object)["message"].(string), "secret") {
			t.Errorf("%.40s: %v tells too much", c.request, m)
		}
	}
	for range controlQueue + 1 { // one is being answered, the others wait
		_ = b.Control.SendText(`{"id":21,"type":"slow"}`)
	}
	if m := b.Ask(22, `{"id":22,"type":"slow"}`); codeOf(m) != string(CodeTooFast) {
		t.Errorf("a full queue: %v", m)
	}
}

func codeOf(answer object) any {
	e, _ := answer["error"].(object)
	return e["code"]
}

func checkReport(t *testing.T, s *stand, b *rtctest.Browser) {
	t.Helper()
	for len(b.Reports) > 0 {
		<-b.Reports
	}
	time.Sleep(time.Second)
	if n := len(b.Reports); n < 9 || n > 10 {
		t.Errorf("%d reports in a second, want ten", n)
	}
	var r struct {
		Frames []struct {
			RTP, Seq                             uint32
			Sample, Key                          bool
			Capture, Received, Taken, Retargeted int64
			Generated, Encoded, Sent, Bytes      int64
		}
		Drops   map[string]int
		Bitrate int
		FPS     float64
	}
	if err := json.Unmarshal([]byte(<-b.Reports), &r); err != nil {
		t.Fatal(err)
	}
	f := r.Frames[0]
	if len(r.Frames) < 2 || len(r.Frames) > 4 || f.RTP == 0 || f.Capture != rtctest.Capture || !f.Sample || f.Bytes == 0 ||
		f.Taken != 0 || f.Received == 0 || f.Encoded < f.Received || f.Sent < f.Encoded || r.FPS < 29 || r.FPS > 31 ||
		r.Bitrate == 0 {
		t.Errorf("report %+v", r)
	}
	if r.Drops["overwritten"] != 2 || s.portrait.mailbox.Dropped() != 2 {
		t.Errorf("drops %v, and the mailbox says %d", r.Drops, s.portrait.mailbox.Dropped())
	}
}
