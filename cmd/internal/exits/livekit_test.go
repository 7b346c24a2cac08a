package exits

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
)

// TestLiveKitToken: what LiveKit reads of it, and that it is signed.
func TestLiveKitToken(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	text := participant{room: "hall", identity: "ann", onBehalf: "agent-1"}.token("key", "secret", now)
	parts := strings.Split(text, ".")
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if parts[2] != base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) {
		t.Error("the signature is wrong")
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(b, &claims); err != nil {
		t.Fatal(err)
	}
	want := `{"attributes":{"lk.publish_on_behalf":"agent-1"},"exp":1800000600,"iss":"key","kind":"agent","name":"ann","nbf":1799999940,"sub":"ann",` +
		`"video":{"canPublish":true,"canSubscribe":false,"room":"hall","roomJoin":true}}`
	if got, err := json.Marshal(claims); err != nil || string(got) != want {
		t.Errorf("%s\nwant\n%s, %v", got, want, err)
	}
}

// TestLiveKit: each session joins with a new token, at LiveKit's own endpoint.
func TestLiveKit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "livekit+http://host:7880/hall?identity=ann", Options{Codec: pipeline.VP8, Bearer: "key:secret"})
		if to := p.exit.(*push).to.String(); to != "http://host:7880/whip/v1" {
			t.Errorf("it pushes to %s", to)
		}
		stop := p.run()
		first := <-p.Came
		first.Frames(3)
		first.Close()
		(<-p.Came).Frames(3)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if _, _, tokens, _ := p.Seen(); len(tokens) != 2 || tokens[0] == tokens[1] || strings.Count(tokens[0], ".") != 2 {
			t.Errorf("tokens %q", tokens)
		}
	})
	for url, ok := range map[string]bool{
		"livekit://host/hall": true, "livekit://host/": false, "livekit:///hall": false, "livekit://a:b@host/hall": false,
	} {
		if _, err := Open(url, Options{Bearer: "key:secret"}); (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
	for bearer, ok := range map[string]bool{"key:secret": true, "a.b.c": true, "": false, "key:": false, ":secret": false, "word": false} {
		if _, err := Open("livekit://host/hall", Options{Bearer: bearer}); (err == nil) != ok {
			t.Errorf("bearer %q: %v", bearer, err)
		}
	}
}
