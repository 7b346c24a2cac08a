package live

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// TestWatchByName: players watch a session while its driver has it, all of one encoder, and are let go when it ends.
func TestWatchByName(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	handler := d.web.Handler()
	ask := func(method, target, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Content-Type", "application/sdp")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	if w := ask(http.MethodPost, "/whep/ann", "v=0"); w.Code != http.StatusConflict {
		t.Errorf("before the session: %d", w.Code)
	}
	s, err := d.host.Open(t.Context(), signalling.OpenOptions{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	var viewers []*rtctest.Browser
	for range 2 {
		b := rtctest.NewBrowser(t, nil, false, true)
		w := ask(http.MethodPost, "/whep/ann", b.WholeOffer())
		if w.Code != http.StatusCreated {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		b.Answer(w.Body.String())
		viewers = append(viewers, b)
	}
	for _, b := range viewers {
		if pictures, _ := b.Frames(10); pictures[9].Width != 256 {
			t.Errorf("a picture of %d", pictures[9].Width)
		}
	}
	for query, size := range map[string][2]int{
		"?alpha=1": {256, 512}, "?aspect=16:9": {pipeline.WideWidth, pipeline.WideHeight}, "?alpha=0&aspect=1:1": {256, 256},
	} {
		b := rtctest.NewBrowser(t, nil, false, true)
		w := ask(http.MethodPost, "/whep/ann"+query, b.WholeOffer())
		if w.Code != http.StatusCreated {
			t.Fatalf("%s: status %d: %s", query, w.Code, w.Body)
		}
		b.Answer(w.Body.String())
		if pictures, _ := b.Frames(3); pictures[2].Width != size[0] || pictures[2].Height != size[1] {
			t.Errorf("%s: %dx%d, want %v", query, pictures[2].Width, pictures[2].Height, size)
		}
		if w = ask(http.MethodDelete, w.Header().Get("Location"), ""); w.Code != http.StatusOK {
			t.Errorf("%s: leaving: %d", query, w.Code)
		}
	}
	b := rtctest.NewBrowser(t, nil, false, true)
	if w := ask(http.MethodPost, "/whep/ann?aspect=4:3", b.WholeOffer()); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "use 1:1 or 16:9.") {
		t.Errorf("an aspect that there is not: %d %s", w.Code, w.Body)
	}
	if c := s.(*session).session.Counts(); len(c.Renditions) != 1 || c.Renditions[0].Viewers != 2 {
		t.Errorf("two viewers are served by %+v", c.Renditions)
	}
	ended := time.Now()
	s.Close()
	rtctest.Eventually(t, "viewers are let go", func() bool { return d.viewers.Viewers() == 0 })
	if took := time.Since(ended); took > 5*time.Second {
		t.Errorf("let go after %v", took)
	}
	if w := ask(http.MethodHead, "/whep/ann", ""); w.Code != http.StatusConflict {
		t.Errorf("after the session: %d", w.Code)
	}
}
