package exits

import (
	"net/url"
	"testing"
)

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"https://host/whip/room":                                   "https://host/whip/room",
		"https://ann:pw@host:8443/whip":                            "https://…@host:8443/whip",
		"https://host/whip?dst=x&token=abc":                        "https://host/whip?dst=…&token=…",
		"https://c.example/0123456789abcdef0123/webRTC/publish":    "https://c.example/…/webRTC/publish",
		"rtmp://live.example/app/short-key":                        "rtmp://live.example/app/…",
		"rtmps://live.example/app/":                                "rtmps://live.example/app/",
		"srt://host:9000?streamid=publish:x&passphrase=0123456789": "srt://host:9000?streamid=…&passphrase=…",
		"file:a.mp4":                    "file:a.mp4",
		"file:///tmp/a.mp4":             "file:/tmp/a.mp4",
		"livekit://h/hall?identity=ann": "livekit://h/hall?identity=…",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Mask(u); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
