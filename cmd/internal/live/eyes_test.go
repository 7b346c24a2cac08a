package live

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// scraped is what the metrics say: name with labels to value.
func scraped(t *testing.T, d *Server) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	d.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("metrics: %d %s", w.Code, w.Body)
	}
	values := map[string]float64{}
	for lines := bufio.NewScanner(w.Body); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			values[name] = v
		}
	}
	return values
}

// sink takes frames and forgets them.
type sink struct{}

func (sink) WriteFrame(*frame.Encoded) error { return nil }

// TestMetricsSeeWhatHappens: sessions, their frames, a full house and refusals show, and totals outlive their session.
func TestMetricsSeeWhatHappens(t *testing.T) {
	d := openServer(t, engine.MeshOnly) // for two
	want := func(when string, values map[string]float64) {
		t.Helper()
		got := scraped(t, d)
		for name, v := range values {
			if g, there := got[name]; !there || g != v {
				t.Errorf("%s: %s is %v (there: %v), want %v", when, name, g, there, v)
			}
		}
	}
	want("at first", map[string]float64{
		"gioconda_alive": 1, "gioconda_ready": 1, "gioconda_sessions": 0, "gioconda_sessions_free": 2, `gioconda_exits{state="live"}`: 0,
	})
	var open []signalling.Session
	for range 2 {
		s, err := d.host.Open(t.Context(), signalling.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, s)
	}
	watched := open[0].(*session).session
	if _, err := watched.View(pipeline.Rendition{Codec: pipeline.VP8}, sink{}); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(10 * time.Second); watched.Counts().Encoded < 5 && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	want("full", map[string]float64{
		"gioconda_ready": 0, "gioconda_sessions": 2, "gioconda_sessions_free": 0, "gioconda_viewers": 1, "gioconda_renditions": 1,
	})
	drawn := scraped(t, d)[`gioconda_frames_total{what="drawn"}`]
	if drawn < 5 {
		t.Errorf("%v pictures drawn", drawn)
	}
	d.refused(rtc.CodeFull)
	for _, s := range open {
		s.Close()
	}
	want("afterwards", map[string]float64{
		"gioconda_ready": 1, "gioconda_sessions": 0, "gioconda_sessions_total": 2, `gioconda_refusals_total{code="full"}`: 1,
	})
	if after := scraped(t, d)[`gioconda_frames_total{what="drawn"}`]; after < drawn {
		t.Errorf("the total fell from %v to %v when its session ended", drawn, after)
	}
}

// TestHealthIsNotAPromise: a full house and a folder that takes nothing are not ready, a loop that stands is not alive.
func TestHealthIsNotAPromise(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	ask := func(path string) int {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		d.web.Handler().ServeHTTP(w, r)
		return w.Code
	}
	d.web.SetReady()
	if live, ready := ask("/livez"), ask("/readyz"); live != http.StatusOK || ready != http.StatusOK {
		t.Errorf("at first: alive %d, ready %d", live, ready)
	}
	if err := os.RemoveAll(d.o.Config.Gallery.Dir); err != nil {
		t.Fatal(err)
	}
	d.health.checked = time.Time{}
	if live, ready := ask("/livez"), ask("/readyz"); live != http.StatusOK || ready != http.StatusServiceUnavailable {
		t.Errorf("without a folder: alive %d, ready %d", live, ready)
	}
	stands := &health{host: &host{loop: pipeline.NewLoop(d.o.Config.Pipeline, nil, nil, d.o.Log)}} // runs nowhere
	if err := stands.Live(t.Context()); err == nil {
		t.Error("a loop that stands is called alive")
	}
}

// TestTheDashboardShowsWhatThereIs: every metric that the dashboard asks for is one of a node of a cluster, and those of the
// cluster are shown.
func TestTheDashboardShowsWhatThereIs(t *testing.T) {
	d := serveNode(t, testenv.Networks(t), "nats://127.0.0.1:1", 1).Server
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b) {
		t.Fatal("the dashboard is no JSON")
	}
	d.refused(rtc.CodeFull)
	d.metrics.Panicked("test")
	d.metrics.Requests(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	there := map[string]bool{}
	for name := range scraped(t, d) {
		name, _, _ = strings.Cut(name, "{")
		there[name] = true
	}
	asked := regexp.MustCompile(`\b(gioconda|go|process)_[a-z0-9_]+`).FindAllString(string(b), -1)
	if len(asked) < 20 {
		t.Errorf("only %d metrics are asked for", len(asked))
	}
	for _, name := range asked {
		if !there[name] {
			t.Errorf("there is no %s", name)
		}
	}
	for name := range there {
		if strings.HasPrefix(name, "gioconda_cluster_") && !slices.Contains(asked, name) {
			t.Errorf("nobody sees %s", name)
		}
	}
}

// TestMetricsAddress: the metrics are served where the configuration says, profiles to this machine, and both end.
func TestMetricsAddress(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	d.o.Config.Metrics.Listen = "127.0.0.1:0"
	if err := d.openMetrics(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := d.serveMetrics()
	base := "http://" + d.metricsAt.Addr().String()
	for path, part := range map[string]string{"/metrics": "gioconda_alive 1", "/debug/pprof/": "goroutine"} {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(body), part) {
			t.Errorf("%s: %d %v, without %q", path, res.StatusCode, err, part)
		}
	}
	stop()
	if res, err := http.Get(base + "/metrics"); err == nil {
		_ = res.Body.Close()
		t.Error("still served after the end")
	}
	r := httptest.NewRequest(http.MethodGet, "/debug/pprof/", http.NoBody)
	r.RemoteAddr = "192.0.2.7:4000"
	w := httptest.NewRecorder()
	if local(func(http.ResponseWriter, *http.Request) { t.Error("a stranger sees a profile") })(w, r); w.Code != http.StatusForbidden {
		t.Errorf("a stranger gets %d", w.Code)
	}
}
