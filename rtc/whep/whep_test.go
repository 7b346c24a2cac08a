package whep

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// TestPlay: a player comes, sees, and leaves with a DELETE, whatever tag it sends.
func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		w := s.post(b.WholeOffer())
		h, answer := w.Header(), w.Body.String()
		if w.Code != http.StatusCreated || h.Get("Content-Type") != typeSDP {
			t.Fatalf("status %d, %v: %s", w.Code, h, answer)
		}
		if !regexp.MustCompile(`^/whep/ann/[A-Za-z0-9_-]{22}$`).MatchString(h.Get("Location")) ||
			!regexp.MustCompile(`^"[A-Za-z0-9+/]{4,}"$`).MatchString(h.Get("ETag")) || h.Get("Accept-Patch") != typeFragment {
			t.Errorf("headers %v", h)
		}
		for _, want := range []string{"a=candidate:", "a=end-of-candidates", "a=sendonly", rtctest.PlayoutDelay} {
			if !strings.Contains(answer, want) {
				t.Errorf("no %s in the answer:\n%s", want, answer)
			}
		}
		b.Answer(answer)
		if _, keys := b.Frames(10); keys != 1 {
			t.Errorf("%d keyframes", keys)
		}
		at := h.Get("Location")
		if other := strings.Replace(at, "ann", "bob", 1); s.ask(http.MethodDelete, other, "").Code != http.StatusNotFound {
			t.Error("a viewer was found under the name of another session")
		}
		if w := s.ask(http.MethodDelete, at, "", "If-Match", `"other"`); w.Code != http.StatusOK || s.Viewers() != 0 {
			t.Errorf("DELETE: %d, and %d watch", w.Code, s.Viewers())
		}
		for _, method := range []string{http.MethodDelete, http.MethodPatch, http.MethodGet} {
			if w := s.ask(method, at, ""); w.Code != http.StatusNotFound {
				t.Errorf("%s after the end: %d", method, w.Code)
			}
		}
	})
}

// TestManyPlayers: each has its own address; one that closes is noticed.
func TestManyPlayers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		first, second := s.player(t), s.player(t)
		at, _ := s.watch(t, first)
		if again, _ := s.watch(t, second); again == at {
			t.Error("two viewers at one address")
		}
		first.Close()
		rtctest.Eventually(t, "one left", func() bool { return s.Viewers() == 1 })
		second.Frames(5)
	})
}

// TestSoundFirst: a player that would hear too, and offers that first, gets one bundle with both.
func TestSoundFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := rtctest.NewBrowser(t, s.nets.Client, false, false)
		for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			if _, err := b.PC.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{
				Direction: webrtc.RTPTransceiverDirectionRecvonly,
			}); err != nil {
				t.Fatal(err)
			}
		}
		s.watch(t, b)
		for _, want := range []string{"a=group:BUNDLE 0 1\r\n", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "m=video 9 "} {
			if !strings.Contains(b.Answered(), want) {
				t.Errorf("no %q in the answer:\n%s", want, b.Answered())
			}
		}
	})
}

func TestSessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		at, _ := s.watch(t, b)
		b.Frames(3)
		s.stage.end("ann")
		rtctest.Eventually(t, "no viewers", func() bool { return s.Viewers() == 0 })
		if w := s.ask(http.MethodGet, at, ""); w.Code != http.StatusNotFound {
			t.Errorf("the viewer is still there: %d", w.Code)
		}
		if w := s.post("v=0"); w.Code != http.StatusConflict || w.Header().Get("Retry-After") != "2" {
			t.Errorf("idle: %d, %v", w.Code, w.Header())
		}
	})
}

// TestForms: a player's address says which form of the picture it wants.
func TestForms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		offer := b.WholeOffer()
		if w := s.ask(http.MethodPost, "/whep/ann?alpha=x", offer, "Content-Type", typeSDP); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "alpha is 0 or 1") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := s.ask(http.MethodPost, "/whep/ann?alpha=1&aspect=16:9", offer, "Content-Type", typeSDP); w.Code != http.StatusCreated || *s.ann.asked.Load() != "alpha=1&aspect=16%3A9" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// TestAViewerEndsWithItsLeave: the others that watch the same session go on.
func TestAViewerEndsWithItsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		leave := over
		s := newStand(t, func(_ *Config, o *Options) { o.Over = func(context.Context) <-chan struct{} { return leave } })
		first := s.player(t)
		at, _ := s.watch(t, first)
		leave = nil
		other := s.player(t)
		stays, _ := s.watch(t, other)
		close(over)
		rtctest.Eventually(t, "one viewer", func() bool { return s.Viewers() == 1 })
		if w := s.ask(http.MethodGet, at, ""); w.Code != http.StatusNotFound {
			t.Errorf("the viewer whose leave has ended: %d", w.Code)
		}
		if w := s.ask(http.MethodGet, stays, ""); w.Code != http.StatusNoContent {
			t.Errorf("the other: %d", w.Code)
		}
		other.Frames(3)
	})
}

// TestForgottenViewers: one that never connects frees its place, and one that sends no RTCP does.
func TestForgottenViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		if w := s.post(s.player(t).WholeOffer()); w.Code != http.StatusCreated {
			t.Fatalf("status %d", w.Code)
		}
		time.Sleep(connectWithin + time.Second)
		if n := s.Viewers(); n != 0 {
			t.Errorf("%d that never came are waited for", n)
		}
		s.watch(t, rtctest.NewMute(t, s.nets.Client))
		time.Sleep(silentFor - 5*time.Second)
		if s.Viewers() != 1 {
			t.Error("given up too soon")
		}
		time.Sleep(7 * time.Second)
		if s.Viewers() != 0 {
			t.Error("one that is silent keeps its place")
		}
	})
}

func TestCloseWithViewers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		s.watch(t, s.player(t))
		if err := s.Close(t.Context()); err != nil || s.Viewers() != 0 {
			t.Errorf("%v; %d watch", err, s.Viewers())
		}
		if w := s.post(s.player(t).WholeOffer()); w.Code != http.StatusServiceUnavailable {
			t.Errorf("a player at a closed server: %d", w.Code)
		}
	})
}

// TestStatuses: everything that is no success, with a sentence.
func TestStatuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.player(t)
		offer := b.WholeOffer()
		at, tag := s.watch(t, s.player(t))
		av1 := regexp.MustCompile(`(?i)(rtpmap:\d+ )(VP8|H264)/`).ReplaceAllString(offer, "${1}AV1/")
		large := strings.Repeat("a=x\r\n", 14_000)
		long := strings.Repeat("a=candidate:1 1 udp 1 10.0.0.9 9 typ host\r\n", maxCandidates+1)
		for _, c := range []struct {
			name, method, target, body string
			header                     []string
			status                     int
			code                       rtc.Code
		}{
			{"no name", "POST", "/whep/", offer, []string{"Content-Type", typeSDP}, 404, "not_found"},
			{"a bad name", "POST", "/whep/Ann", offer, []string{"Content-Type", typeSDP}, 404, "not_found"},
			{"too deep", "GET", at + "/x", "", nil, 404, "not_found"},
			{"PUT", "PUT", "/whep/ann", offer, nil, 405, "method_not_allowed"},
			{"PATCH at the endpoint", "PATCH", "/whep/ann", "", nil, 405, "method_not_allowed"},
			{"POST to a viewer", "POST", at, offer, []string{"Content-Type", typeSDP}, 405, "method_not_allowed"},
			{"no type", "POST", "/whep/ann", offer, nil, 415, "unsupported_type"},
			{"another type", "POST", "/whep/ann", offer, []string{"Content-Type", "application/json"}, 415, "unsupported_type"},
			{"too large", "POST", "/whep/ann", large, []string{"Content-Type", typeSDP}, 413, rtc.CodeTooLarge},
			{"nonsense", "POST", "/whep/ann", "m=video nonsense", []string{"Content-Type", typeSDP}, 400, rtc.CodeBadSDP},
			{"no video", "POST", "/whep/ann", "v=0\r\n", []string{"Content-Type", typeSDP}, 400, rtc.CodeBadSDP},
			{"sendonly", "POST", "/whep/ann", strings.Replace(offer, "a=recvonly", "a=sendonly", 1), []string{"Content-Type", typeSDP}, 400, rtc.CodeBadSDP},
			{"half an offer", "POST", "/whep/ann", strings.ReplaceAll(offer, "a=fingerprint", "a=finger"), []string{"Content-Type", typeSDP}, 400, rtc.CodeBadSDP},
			{"no codec", "POST", "/whep/ann", av1, []string{"Content-Type", typeSDP}, 422, rtc.CodeNoCodec},
			{"idle", "POST", "/whep/bob", offer, []string{"Content-Type", typeSDP}, 409, "idle"},
			{"idle HEAD", "HEAD", "/whep/bob", "", nil, 409, ""},
			{"unknown viewer", "DELETE", "/whep/ann/xyz", "", nil, 404, "not_found"},
			{"no tag", "PATCH", at, "a=x\r\n", []string{"Content-Type", typeFragment}, 428, "no_tag"},
			{"an old tag", "PATCH", at, "a=x\r\n", []string{"Content-Type", typeFragment, "If-Match", `"old"`}, 412, "old_tag"},
			{"a weak tag", "PATCH", at, "a=x\r\n", []string{"Content-Type", typeFragment, "If-Match", "W/" + tag}, 412, "old_tag"},
			{"an answer", "PATCH", at, offer, []string{"Content-Type", typeSDP, "If-Match", tag}, 415, "unsupported_type"},
			{"no fragment", "PATCH", at, "nonsense", []string{"Content-Type", typeFragment, "If-Match", tag}, 400, rtc.CodeBadSDP},
			{"a large fragment", "PATCH", at, large, []string{"Content-Type", typeFragment, "If-Match", tag}, 413, rtc.CodeTooLarge},
			{"many candidates", "PATCH", at, long, []string{"Content-Type", typeFragment, "If-Match", tag}, 400, rtc.CodeBadSDP},
		} {
			w := s.ask(c.method, c.target, c.body, c.header...)
			var got struct {
				Error struct {
					Code    rtc.Code
					Message string
				}
			}
			err := json.Unmarshal(w.Body.Bytes(), &got)
			if w.Code != c.status || got.Error.Code != c.code && c.code != "" || err != nil || got.Error.Message == "" {
				t.Errorf("%s: %d %s, want %d %s", c.name, w.Code, w.Body, c.status, c.code)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: a page cannot read why", c.name)
			}
			if (c.status == 405) != (w.Header().Get("Allow") != "") || (c.status == 409) != (w.Header().Get("Retry-After") != "") {
				t.Errorf("%s: headers %v", c.name, w.Header())
			}
		}
		if n := s.Viewers(); n != 1 {
			t.Errorf("%d watch", n)
		}
	})
}

// TestHarmlessMethods: what asks without doing anything.
func TestHarmlessMethods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		at, _ := s.watch(t, s.player(t))
		for _, c := range []struct {
			method, target string
			status         int
			header         map[string]string
		}{
			{"GET", "/whep/ann", 204, nil},
			{"HEAD", "/whep/ann", 200, map[string]string{"Content-Type": typeSDP, "Accept-Post": typeSDP}},
			{"OPTIONS", "/whep/ann", 200, map[string]string{
				"Accept-Post": typeSDP, "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
				"Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS", "Access-Control-Allow-Origin": "*",
			}},
			{"OPTIONS", "/whep/bob", 200, map[string]string{"Accept-Post": typeSDP}},
			{"GET", at, 204, nil},
			{"HEAD", at, 204, nil},
			{"OPTIONS", at, 200, map[string]string{
				"Accept-Patch": typeFragment, "Access-Control-Allow-Methods": "GET, HEAD, PATCH, DELETE, OPTIONS",
			}},
			{"OPTIONS", "/whep/ann/secret", 200, map[string]string{"Accept-Patch": typeFragment}},
		} {
			w := s.ask(c.method, c.target, "")
			if w.Code != c.status || w.Body.Len() != 0 {
				t.Errorf("%s %s: %d %s", c.method, c.target, w.Code, w.Body)
			}
			for key, want := range c.header {
				if got := w.Header().Get(key); got != want {
					t.Errorf("%s %s: %s is %q, want %q", c.method, c.target, key, got, want)
				}
			}
		}
	})
}

func TestLinks(t *testing.T) {
	h := http.Header{}
	links(h, []rtc.ICEServer{
		{URLs: []string{"stun:a.example:3478"}},
		{URLs: []string{"turn:b.example?transport=udp", "turns:b.example"}, Username: "ann", Credential: `se"cret`},
	})
	want := []string{
		`<stun:a.example:3478>; rel="ice-server"`,
		`<turn:b.example?transport=udp>; rel="ice-server"; username="ann"; credential="se\"cret"; credential-type="password"`,
		`<turns:b.example>; rel="ice-server"; username="ann"; credential="se\"cret"; credential-type="password"`,
	}
	if got := h.Values("Link"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("links %q", got)
	}
}

// TestAFaultEndsOneViewer injects a panic at every seam between players and what they watch: its place is free again, a fault in
// its connection is counted, and who watches another session goes on.
func TestAFaultEndsOneViewer(t *testing.T) {
	for method, counted := range map[string]int32{"form": 0, "room": 0, "view": 1, "listen": 1} { // requests are the caller's to count
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, nil)
				neighbour := s.player(t)
				s.watch(t, neighbour)
				bob := &portrait{t: t, done: make(chan struct{}), broken: method}
				s.stage.live["bob"] = bob
				b := s.player(t)
				b.Listen()
				var w *httptest.ResponseRecorder
				fault := wall.Run("test", func() {
					w = s.ask(http.MethodPost, "/whep/bob", b.WholeOffer(), "Content-Type", typeSDP)
				})
				if (fault == nil) != (counted == 1) {
					t.Fatalf("the request: %v", fault)
				}
				if fault == nil {
					b.Answer(w.Body.String())
				}
				rtctest.Eventually(t, "its place is free", func() bool { return s.Viewers() == 1 })
				if n := s.faults.Load(); n != counted {
					t.Errorf("%d faults were counted, want %d", n, counted)
				}
				neighbour.Frames(5)
			})
		})
	}
}
