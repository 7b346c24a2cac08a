package signalling

import "testing"

func FuzzSignal(f *testing.F) {
	for _, s := range []string{
		`{"type":"hello","version":1,"session":"","secret":"","name":"ann-7","persona":"mona-lisa","codec":"auto","playoutDelay":true}`,
		`{"type":"offer","sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"}`,
		`{"type":"candidate","candidate":{"candidate":"candidate:1 1 udp 1 127.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0}}`,
		`{"type":"candidate","candidate":null}`, `{"type":"bye"}`, `[]`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, e := parseSignal(b); e != nil && (e.Code == "" || e.Message == "") || e == nil && s.Type == "" {
			t.Errorf("%+v refused for %+v", s, e)
		}
	})
}
