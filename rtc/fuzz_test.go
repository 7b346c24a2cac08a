package rtc

import (
	"encoding/json"
	"errors"
	"testing"
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
