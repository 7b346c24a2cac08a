package ffmpeg

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	for said, want := range map[string]string{
		"[tcp @ 0x1] Connection to tcp://h:1 failed: Connection refused\nrtmp://h/live: Connection refused": "nobody answers at rtmp://h/live; ",
		"[tcp @ 0x1] Failed to resolve hostname h: Name or service not known\n":                             "host in rtmp://h/live is not known",
		"av_interleaved_write_frame(): No space left on device":                                             "disk is full",
		"[tls @ 0x1] Peer certificate failed verification\nrtmps://h: Input/output error":                   "its certificate",
		"rtmp://h/live: Connection reset by peer":                                                           "check the stream key",
		"one\n\nsomething new \n": "ended: something new",
		"":                        "it does not say why",
	} {
		f := Explain(said, "rtmp://h/live")
		if !strings.Contains(f.Error(), want) || f.Final != strings.Contains(said, "No space") {
			t.Errorf("%q: %+v, want %q", said, f, want)
		}
	}
}

func TestTail(t *testing.T) {
	var said tail
	for range 1000 {
		_, _ = said.Write([]byte("0123456789"))
	}
	_, _ = said.Write([]byte(strings.Repeat("x", 3*tailSize) + "end"))
	if s := said.String(); len(s) != tailSize || !strings.HasSuffix(s, "xend") {
		t.Errorf("%d bytes are kept", len(s))
	}
}

// TestProgress: only what grows counts, however it is cut.
func TestProgress(t *testing.T) {
	var p progress
	text := "frame=1\nout_time_us=N/A\ntotal_size=0\nprogress=continue\nout_time_us=-21333\nout_time_us=500\ntotal_size=77\n" +
		"out_time_us=500\ntotal_size=77\nout_time_us=900\n" + strings.Repeat("long", 100) + "\n"
	for _, c := range []byte(text) {
		_, _ = p.Write([]byte{c})
	}
	if n := p.count.Load(); n != 3 {
		t.Errorf("counted %d, want 3", n)
	}
}
