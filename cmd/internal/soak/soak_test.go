package soak

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/live"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
)

// TestSoakAServer lets visitors come to a real server, and all of them leave it as it was.
func TestSoakAServer(t *testing.T) {
	testenv.Full(t)
	cfg := testenv.Config(t)
	cfg.Gallery.Dir, cfg.Pipeline.Size, cfg.Pipeline.MaxSessions, cfg.RTC.Server.Grace = t.TempDir(), 256, 3, time.Second
	cfg.RTC.Server.MaxSessionsPerAddress = 0
	cfg.Metrics.Listen = "127.0.0.1:0"
	n := testenv.Networks(t)
	maker := personas.NewMaker(n, filepath.Join(filepath.Dir(cfg.Models.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	log := slog.New(slog.DiscardHandler)
	d, err := live.Open(t.Context(), &live.Options{Config: &cfg, Networks: n, Maker: maker, Log: log, Engine: &engine.Options{
		Use: engine.MeshOnly, Device: "cpu", Pipeline: cfg.Pipeline, Mesh: mesh.Options{Size: 256, Workers: 1}, Log: log,
	}})
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, d)
	l, err := live.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(serving, l) }()
	defer func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	var out bytes.Buffer
	r, err := Run(t.Context(), &Options{
		Server: "http://" + l.Addr().String(), Metrics: "http://" + d.MetricsAddr() + "/metrics",
		For: 8 * time.Second, Window: time.Second, Churn: true, Settle: 4 * time.Second, Out: &out,
	})
	if err != nil {
		t.Fatal(err)
	}
	frames := 0.0
	for i := range r.Windows {
		frames += r.Windows[i].FPS
	}
	if r.Came < 2 || frames < 20 || r.Before.RSS == 0 {
		t.Errorf("%d visitors, %.0f frames: %+v\n%s", r.Came, frames, r, &out)
	}
	if r.Failed > 0 || r.After.Sessions > 0 {
		t.Errorf("%d visits failed, %v sessions stay\n%s", r.Failed, r.After.Sessions, &out)
	}
}

// TestFaults: each thing that may not stay as it was is found, and a server that stays as it was has none.
func TestFaults(t *testing.T) {
	windows := func(rss func(hour float64) float64, p95 func(hour float64) float64) (all []Window) {
		for m := time.Minute; m <= 2*time.Hour; m += time.Minute {
			all = append(all, Window{At: m, P95: p95(m.Hours()), State: State{RSS: rss(m.Hours())}})
		}
		return all
	}
	flat := func(v float64) func(float64) float64 { return func(float64) float64 { return v } }
	for name, c := range map[string]struct {
		r    Report
		want string
	}{
		"well":        {Report{Windows: windows(flat(200e6), flat(12))}, ""},
		"warms up":    {Report{Windows: windows(func(h float64) float64 { return 200e6 + 50e6*min(h, .4) }, flat(12))}, ""},
		"leaks":       {Report{Windows: windows(func(h float64) float64 { return 200e6 + 2e6*h }, flat(12))}, "RSS grows by 2.0 MB an hour"},
		"slows":       {Report{Windows: windows(flat(200e6), func(h float64) float64 { return 10 + 5*h })}, "p95 is"},
		"goroutines":  {Report{After: State{Goroutines: 30}}, "30 goroutines stay"},
		"descriptors": {Report{After: State{Descriptors: 9}}, "9 descriptors stay open"},
		"sessions":    {Report{After: State{Sessions: 1}}, "1 sessions stay"},
		"stopped":     {Report{Stopped: true, After: State{Sessions: 1, Goroutines: 30, Descriptors: 9}}, ""},
		"panics":      {Report{After: State{Panics: 2}}, "2 faults were caught"},
		"visits":      {Report{Failed: 3}, "3 visits failed"},
	} {
		if got := strings.Join(c.r.Faults(), "; "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestParseRefusesOtherPages: what is no server's metrics is not taken for a server that needs nothing.
func TestParseRefusesOtherPages(t *testing.T) {
	for _, page := range []string{"", "<html>", "go_goroutines 4\n", "go_goroutines many\n"} {
		if s, err := parse(strings.NewReader(page)); err == nil {
			t.Errorf("%q was read as %+v", page, s)
		}
	}
	srv := httptest.NewServer(nil)
	defer srv.Close()
	if _, err := scrape(t.Context(), srv.URL+"/none"); err == nil || !strings.Contains(err.Error(), "metrics.listen") {
		t.Errorf("another address: %v", err)
	}
}
