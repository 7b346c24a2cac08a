package rtc

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/rtc/opus"
	"github.com/gioconda-live/gioconda/rtc/voice"
)

func FuzzOffer(f *testing.F) {
	head := "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
	for _, s := range []string{
		head + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
		head + "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=1;profile-level-id=42e01f\r\n",
		head + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n", head, "",
	} {
		f.Add(s)
	}
	transport, err := NewTransport(DefaultConfig(), Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sdp string) {
		name, err := transport.ChooseCodec(sdp, CodecAuto)
		var e *Error
		if (err == nil) == (name == "") || err != nil && (!errors.As(err, &e) || e.Message == "") {
			t.Errorf("codec %q, error %v", name, err)
		}
	})
}

func FuzzControl(f *testing.F) {
	for _, s := range []string{
		`{"id":7,"type":"ping","t":1.5}`, `{"id":7,"type":"settings","mirror":true}`, `{"id":"7"}`, `{"type":"x"}`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, e := parseControl(b)
		if e == nil && (r.ID == nil || r.Type == "") {
			t.Errorf("accepted %+v", r)
		}
		if e != nil && !json.Valid(answerError(r.ID, e)) {
			t.Errorf("the refusal is no JSON: %s", answerError(r.ID, e))
		}
		if e == nil && r.Type == "ping" && len(r.T) > 0 && !json.Valid(r.T) {
			t.Errorf("echo of %s", r.T)
		}
	})
}

// FuzzMicrophone takes packets of one byte of length and their content, 20 ms apart.
func FuzzMicrophone(f *testing.F) {
	head := "\x80\x6f\x00\x01\x00\x00\x00\x00\x00\x00\x00\x07"
	f.Add([]byte("\x0e" + head + "\xfc\x01" + "\x0e" + head + "\xfc\x01"))
	f.Add([]byte("\x0d" + head + "\x03" + "\x0c" + head + "\x00\x02\x80\x6f"))
	f.Add([]byte("\x0e\x80\x6f\x00\x05\xff\xff\xff\xff\x00\x00\x00\x07\xff\x30" + "\x0e" + head + "\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		now := time.Unix(1000, 0)
		e := &ear{}
		m := newMicrophone(&Peer{counters: &Counters{}, report: &reporter{}}, e, 7, now)
		for len(b) > 0 {
			n := min(int(b[0]), len(b)-1)
			m.take(b[1:1+n], now)
			b = b[1+n:]
			now = now.Add(20 * time.Millisecond)
			m.put.Expire(now)
		}
		m.put.Expire(now.Add(time.Second))
		for _, h := range e.all() {
			span, err := opus.Span([]byte(h.packet))
			if err != nil || h.at.Add(span).After(now.Add(voice.Jump)) { // more than a clock that moves slowly explains
				t.Errorf("% x sounds %v after it came", h.packet, h.at.Add(span).Sub(now))
			}
		}
		if !m.put.Deadline().IsZero() {
			t.Error("packets are held for ever")
		}
	})
}
