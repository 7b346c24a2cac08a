package whep

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

func newPost(offer string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/whep/ann", strings.NewReader(offer))
	r.Header.Set("Content-Type", typeSDP)
	return r
}

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// TestTrickle: an offer without candidates, which come later; the answer has all of ours.
func TestTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		offer := b.Offer(nil)
		w := s.post(offer)
		if w.Code != http.StatusCreated || strings.Contains(offer, "a=candidate") {
			t.Fatalf("status %d to\n%s", w.Code, offer)
		}
		at, tag := w.Header().Get("Location"), w.Header().Get("ETag")
		found := fragmentOf(b.PC.LocalDescription().SDP)
		rtctest.Eventually(t, "candidates of the player", func() bool {
			found = fragmentOf(b.PC.LocalDescription().SDP)
			return strings.Contains(found, "a=candidate")
		})
		if p := s.patch(at, tag, found); p.Code != http.StatusNoContent || p.Header().Get("ETag") != "" || p.Body.Len() != 0 {
			t.Errorf("status %d, %v: %s", p.Code, p.Header(), p.Body)
		}
		if n := s.find("ann", at[len("/whep/ann/"):]).candidates; n == 0 {
			t.Error("no candidate was taken")
		}
		if p := s.patch(at, tag, "a=end-of-candidates\r\n"); p.Code != http.StatusNoContent {
			t.Errorf("the end: status %d", p.Code)
		}
		b.Answer(w.Body.String())
		b.Frames(5)
	})
}

// TestTooManyCandidates, and too many requests.
func TestTooManyCandidates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		at, tag := s.watch(t, s.player(t))
		some := func(n int) string {
			var f strings.Builder
			for i := range n {
				fmt.Fprintf(&f, "a=candidate:%d 1 udp 1 10.0.0.9 %d typ host\r\n", i, 9000+i)
			}
			return f.String()
		}
		for i, want := range []int{204, 422, 204} {
			if p := s.patch(at, tag, some([]int{40, 25, 24}[i])); p.Code != want {
				t.Errorf("%d: status %d, want %d", i, p.Code, want)
			}
		}
		for range patchBurst {
			s.patch(at, tag, "a=end-of-candidates\r\n")
		}
		if p := s.patch(at, tag, "a=end-of-candidates\r\n"); p.Code != http.StatusTooManyRequests || p.Header().Get("Retry-After") == "" {
			t.Errorf("a flood: status %d", p.Code)
		}
	})
}

// TestRestart: a player whose network was cut restarts ICE with a fragment; the picture goes on, and the old tag is no good.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		at, tag := s.watch(t, b)
		b.Frames(3)
		s.nets.Lose(1)
		time.Sleep(5 * time.Second)
		s.nets.Lose(0)
		own := fragmentOf(b.WholeRestart())
		if p := s.patch(at, "", own); p.Code != http.StatusPreconditionRequired {
			t.Errorf("without a tag: %d", p.Code)
		}
		p := s.patch(at, "*", own)
		fresh := p.Header().Get("ETag")
		if p.Code != http.StatusOK || p.Header().Get("Content-Type") != typeFragment || fresh == tag || fresh == "" {
			t.Fatalf("status %d, %v: %s", p.Code, p.Header(), p.Body)
		}
		f, err := parseFragment(p.Body.Bytes())
		if err != nil || len(f.candidates) == 0 || `"`+f.ufrag+`"` != fresh {
			t.Errorf("%v: %+v", err, f)
		}
		b.Answer(f.restart(b.Answered())) // as players do
		b.Frames(10)
		if s.ann.viewed.Load() != 1 {
			t.Error("it began to view anew")
		}
		if p := s.patch(at, tag, "a=end-of-candidates\r\n"); p.Code != http.StatusPreconditionFailed {
			t.Errorf("the old tag: %d", p.Code)
		}
		if p := s.patch(at, fresh, "a=end-of-candidates\r\n"); p.Code != http.StatusNoContent {
			t.Errorf("the new tag: %d", p.Code)
		}
		if p := s.patch(at, "*", own); p.Code != http.StatusNoContent {
			t.Errorf("the same once more is no restart: %d", p.Code)
		}
	})
}

// TestRestartThatCannotBe leaves what there is as it was.
func TestRestartThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		at, tag := s.watch(t, b)
		f := "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
		v := s.find("ann", at[len("/whep/ann/"):])
		whole := v.offer
		v.offer = "v=0\r\n"
		if p := s.patch(at, "*", f); p.Code != http.StatusUnprocessableEntity {
			t.Errorf("status %d: %s", p.Code, p.Body)
		}
		v.offer = whole
		if v.tag != tag {
			t.Error("the tag has changed")
		}
		b.Frames(5)
	})
}

func TestFragments(t *testing.T) {
	const pwd = "abcdefghijklmnopqrstuv"
	good := "a=ice-options:trickle\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:" + pwd +
		"\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=candidate:2 1 udp 1 10.0.0.1 9 typ host\na=mid:v\n"
	f, err := parseFragment([]byte(good))
	if err != nil || f.ufrag != "abcd" || f.pwd != pwd || len(f.candidates) != 2 {
		t.Fatalf("%v: %+v", err, f)
	}
	for i, mid := range []string{"0", "v"} {
		if c := f.candidates[i]; c.SDPMid == nil || *c.SDPMid != mid || c.Candidate != fmt.Sprintf("candidate:%d 1 udp 1 10.0.0.1 9 typ host", i+1) {
			t.Errorf("candidate %d: %+v", i, c)
		}
	}
	for name, bad := range map[string]string{
		"words": "hello", "only a user": "a=ice-ufrag:abcd\r\n", "only a password": "a=ice-pwd:" + pwd, "short user": "a=ice-ufrag:abc\r\na=ice-pwd:" + pwd,
		"short password": "a=ice-ufrag:abcd\r\na=ice-pwd:x", "letters": "a=ice-ufrag:ab cd\r\na=ice-pwd:" + pwd,
		"two users":  good + "a=ice-ufrag:efgh\r\n",
		"a return":   "a=mid:0\ra=mid:1\r\n",
		"long lines": "a=candidate:" + strings.Repeat("x", maxLine),
	} {
		if f, err := parseFragment([]byte(bad)); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func FuzzFragment(f *testing.F) {
	const offer = "v=0\r\na=ice-ufrag:aaaa\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=ice-pwd:old\r\na=candidate:9\r\n"
	f.Add([]byte("a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\na=end-of-candidates\r\n"))
	f.Add([]byte("a=candidate:1 1 udp 1 10.0.0.1 9 typ host\n\n"))
	f.Add([]byte("hello"))
	line := regexp.MustCompile(`^[a-z]=[^\r\n]*$`)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parseFragment(b)
		if err != nil {
			return
		}
		if len(got.candidates) > maxCandidates || (got.ufrag == "") != (got.pwd == "") {
			t.Errorf("%+v", got)
		}
		if got.ufrag == "" {
			return
		}
		whole := got.restart(offer)
		if attribute(whole, "ice-ufrag") != got.ufrag || attribute(whole, "ice-pwd") != got.pwd ||
			strings.Count(whole, "a=candidate:") < len(got.candidates) || strings.Count(whole, "\r\n") != 5+len(got.candidates) {
			t.Errorf("%q", whole)
		}
		for text := range sdpLines(whole) {
			if !line.MatchString(text) {
				t.Errorf("line %q", text)
			}
		}
		if again, err := parseFragment([]byte(fragmentOf(whole))); err != nil || again.ufrag != got.ufrag || len(again.candidates) != len(got.candidates) {
			t.Errorf("%v: %+v of %q", err, again, whole)
		}
	})
}
