package signalling

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/rtc"
)

// frames reassembles VP8 frames from a browser's packets and decodes them until n pictures have come.
func (b *browser) frames(n int) (pictures []*frame.I420, keys int) {
	b.t.Helper()
	d, err := vp8.NewDecoder()
	if err != nil {
		b.t.Fatal(err)
	}
	defer d.Close()
	var data []byte
	started := false
	for len(pictures) < n {
		p := expect(b.t, b.packets)
		var v codecs.VP8Packet
		part, err := v.Unmarshal(p.Payload)
		if err != nil || v.I != 1 {
			b.t.Fatalf("packet without picture ID: %v", err)
		}
		if v.S == 1 {
			data, started = data[:0], true
		}
		if data = append(data, part...); !started || !p.Marker {
			continue
		}
		if data[0]&1 == 0 {
			keys++
		}
		img, err := d.Decode(data)
		if err != nil {
			if keys == 0 {
				continue // joined in mid-stream
			}
			b.t.Fatal(err)
		}
		pictures = append(pictures, img)
	}
	return pictures, keys
}

func TestWholeSession(t *testing.T) {
	_, host, url := serveTest(t, nil)
	b := dial(t, url).greet(nil)
	if w := b.welcome; w.Generator != "gioconda-s" || w.Note != "a note" {
		t.Errorf("welcome %+v", w)
	}
	if b.welcome.Size != testSide || b.welcome.Persona != "mona-lisa" || b.welcome.Resumed {
		t.Errorf("welcome %+v", b.welcome)
	}
	b.connect()
	st := host.last()

	t.Run("pictures", func(t *testing.T) {
		pictures, keys := b.frames(10)
		if keys != 1 || pictures[9].Width != testSide || pictures[9].Height != testSide {
			t.Errorf("%d keyframes, size %dx%d", keys, pictures[9].Width, pictures[9].Height)
		}
	})
	t.Run("samples", func(t *testing.T) {
		if err := b.landmarks.Send(datagram(t, 5)); err != nil {
			t.Fatal(err)
		}
		var a landmark.Arrival
		eventually(t, "arrival", func() bool { return st.mailbox.Take(&a) })
		if a.Sample.Seq != 5 || time.Since(a.Received) > 5*time.Second {
			t.Errorf("seq %d received %v", a.Sample.Seq, a.Received)
		}
	})
	t.Run("header extensions", func(t *testing.T) { b.checkPlayout(t, true) })
	t.Run("keyframe", func(t *testing.T) {
		tr := <-b.track
		ssrc := uint32(tr.SSRC())
		for _, request := range []rtcp.Packet{
			&rtcp.PictureLossIndication{MediaSSRC: ssrc},
			&rtcp.FullIntraRequest{MediaSSRC: ssrc, FIR: []rtcp.FIREntry{{SSRC: ssrc}}},
		} {
			before := st.keyframes.Load()
			if err := b.pc.WriteRTCP([]rtcp.Packet{request}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "keyframe asked", func() bool { return st.keyframes.Load() == before+1 })
		}
		before := st.keyframes.Load()
		if m := b.ask(1, `{"id":1,"type":"keyframe"}`); m["ok"] != true || st.keyframes.Load() != before+1 {
			t.Errorf("answer %v, %d keyframes asked", m, st.keyframes.Load()-before)
		}
	})
	t.Run("control", func(t *testing.T) { b.checkControl(t) })
	t.Run("report", func(t *testing.T) { b.checkReport(t) })
	t.Run("event", func(t *testing.T) {
		if err := st.events.Load().Send(object{"event": "lost"}); err != nil {
			t.Fatal(err)
		}
		for got := ""; got != `{"event":"lost"}`; {
			got = expect(t, b.answers)
		}
	})
	t.Run("bitrate", func(t *testing.T) {
		eventually(t, "bitrate", func() bool { return st.bitrate.Load() > 100_000 })
	})
}

// checkPlayout looks for three zero bytes under the negotiated number.
func (b *browser) checkPlayout(t *testing.T, want bool) {
	t.Helper()
	var id uint8
	for _, h := range b.receiver.GetParameters().HeaderExtensions {
		if h.URI == rtc.PlayoutDelayURI {
			id = uint8(h.ID)
		}
	}
	if strings.Contains(b.answerSDP, rtc.PlayoutDelayURI) != want {
		t.Fatalf("playout delay in the answer, want %v:\n%s", want, b.answerSDP)
	}
	p := expect(t, b.packets)
	if !want {
		return
	}
	if got := p.GetExtension(id); len(got) != 3 || got[0]|got[1]|got[2] != 0 {
		t.Errorf("extension %d is % x, want 00 00 00", id, got)
	}
	if !strings.Contains(b.answerSDP, "transport-cc") || !strings.Contains(b.answerSDP, "nack pli") ||
		!strings.Contains(b.answerSDP, "ccm fir") {
		t.Errorf("feedback is missing in the answer:\n%s", b.answerSDP)
	}
}

func (b *browser) checkControl(t *testing.T) {
	t.Helper()
	if m := b.ask(7, `{"id":7,"type":"ping","t":12345}`); m["t"] != 12345.0 || m["server"].(float64) <= 0 {
		t.Errorf("ping: %v", m)
	}
	if m := b.ask(8, `{"id":8,"type":"settings"}`); m["mirror"] != true || m["ok"] != true {
		t.Errorf("settings: %v", m)
	}
	code := func(m object) any {
		e, _ := m["error"].(object)
		return e["code"]
	}
	big := `{"id":3,"type":"settings","x":"` + strings.Repeat("x", 16<<10) + `"}`
	for _, c := range []struct {
		id      int
		request string
		want    rtc.Code
	}{
		{9, `{"id":9,"type":"persona"}`, rtc.CodeUnknownPersona},
		{10, `{"id":10,"type":"else"}`, rtc.CodeInternal},
		{11, `{"id":11,"type":"number"}`, rtc.CodeInternal},
		{-1, `{"type":"settings"}`, rtc.CodeBadMessage},
		{-1, `nonsense`, rtc.CodeBadMessage},
		{12, `{"id":12,"type":"ping","t":"x"}`, rtc.CodeBadMessage},
		{-1, big, rtc.CodeTooLarge},
	} {
		time.Sleep(250 * time.Millisecond) // refusals are answered five times a second
		if m := b.ask(c.id, c.request); code(m) != string(c.want) {
			t.Errorf("%.40s: %v, want %s", c.request, m, c.want)
		} else if strings.Contains(m["error"].(object)["message"].(string), "secret") {
			t.Errorf("%.40s: %v tells too much", c.request, m)
		}
	}
	b.ask(20, `{"id":20,"type":"settings"}`)
	for range 8 + 2 {
		_ = b.control.SendText(`{"id":21,"type":"slow"}`)
	}
	if m := b.ask(21, `{"id":21,"type":"slow"}`); code(m) != string(rtc.CodeTooFast) {
		t.Errorf("a full queue: %v", m)
	}
}

func (b *browser) checkReport(t *testing.T) {
	t.Helper()
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
	for range 12 {
		if err := json.Unmarshal([]byte(expect(t, b.reports)), &r); err != nil {
			t.Fatal(err)
		}
	}
	f := r.Frames[0]
	if len(r.Frames) > 8 || f.RTP == 0 || f.Capture != 99 || !f.Sample || f.Bytes == 0 || f.Taken != 0 ||
		f.Received == 0 || f.Encoded < f.Received || f.Sent < f.Encoded || r.FPS < 5 || r.FPS > 40 || r.Bitrate == 0 {
		t.Errorf("report %+v", r)
	}
}

func TestH264(t *testing.T) {
	_, _, url := serveTest(t, nil)
	b := dial(t, url).greet(object{"codec": "h264", "playoutDelay": false}).connect()
	tr := expect(t, b.track)
	if tr.Codec().MimeType != webrtc.MimeTypeH264 {
		t.Errorf("codec %s", tr.Codec().MimeType)
	}
	kinds := map[byte]int{}
	for kinds[1] < 10 {
		kinds[expect(t, b.packets).Payload[0]&0x1f]++
	}
	if kinds[7] == 0 || kinds[8] == 0 || kinds[1] == 0 {
		t.Errorf("NAL unit kinds %v: want parameter sets and slices", kinds)
	}
	b.checkPlayout(t, false)
}

func TestICERestart(t *testing.T) {
	_, host, url := serveTest(t, nil)
	b := dial(t, url).greet(nil).connect()
	b.frames(3)
	before := b.answerSDP
	b.offer(&webrtc.OfferOptions{ICERestart: true})
	eventually(t, "second answer", func() bool {
		d := b.pc.RemoteDescription()
		return d != nil && d.SDP != before
	})
	b.ask(1, `{"id":1,"type":"keyframe"}`)
	b.frames(10)
	if n := host.last().viewed.Load(); n != 1 {
		t.Errorf("viewed %d times", n)
	}
}
