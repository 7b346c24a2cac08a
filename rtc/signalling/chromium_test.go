package signalling

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/pion/transport/v2/stdnet"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

//go:embed testdata/browser.html
var browserPage []byte

// seen is what the page posts.
type seen struct {
	Frames, Decoded, Width, Reports int
	Repaired, Lost, Asked, Keys     int     // packets; keyframes asked for
	Frozen                          float64 // seconds
	Stamps                          []uint32
	Answers, Errors                 []object
	Report                          object
	State                           string
	Buffer                          float64 // mean jitter buffer delay, ms
}

// TestChromium connects a real browser over loopback, whose host candidates are hidden behind mDNS names.
func TestChromium(t *testing.T) {
	bin, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("SKIPPED: needs chromium, and is not short")
	}
	for _, c := range []struct {
		name, query string
		link        netem.Conditions
	}{
		{"VP8", "codec=vp8&playout=1", netem.Conditions{}},
		{"VP8 without playout delay", "codec=vp8&playout=0", netem.Conditions{}},
		{"H264", "codec=h264&playout=1", netem.Conditions{}},
		{"VP8 of which a tenth is lost", "codec=vp8&playout=1&seconds=12", netem.Conditions{Loss: 0.1, Delay: 40 * time.Millisecond}},
		{"H264 of which a tenth is lost", "codec=h264&playout=1&seconds=8", netem.Conditions{Loss: 0.1, Delay: 40 * time.Millisecond}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rtctest.NoLeaks(t)
			host := &fakeHost{t: t}
			machine, err := stdnet.NewNet()
			if err != nil {
				t.Fatal(err)
			}
			transport, err := rtc.NewTransport(rtc.DefaultConfig(), rtc.Options{Net: rtctest.Weak(machine, netem.NewLink(c.link, 1))})
			if err != nil {
				t.Fatal(err)
			}
			defer transport.Close()
			srv, err := New(DefaultConfig(), Options{Host: host, Transport: transport})
			if err != nil {
				t.Fatal(err)
			}
			results := make(chan seen, 1)
			mux := http.NewServeMux()
			mux.Handle("/ws", srv)
			mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(browserPage) })
			mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
				var s seen
				if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
					t.Error(err)
				}
				select {
				case results <- s:
				default:
				}
			})
			web := httptest.NewServer(mux)
			defer web.Close()
			defer srv.Close(t.Context())

			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, bin, "--headless=new", "--no-sandbox", "--disable-gpu",
				"--disable-dev-shm-usage", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
				"--user-data-dir="+profile(t), web.URL+"/?"+c.query)
			cmd.WaitDelay = 5 * time.Second
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cancel(); _ = cmd.Wait() }()
			select {
			case s := <-results:
				s.check(t, host)
				if c.link.Loss > 0 && s.Repaired == 0 {
					t.Error("the browser has taken nothing that was sent again")
				}
			case <-ctx.Done():
				t.Fatal("the page said nothing within a minute")
			}
		})
	}
}

// profile is a folder for a browser, whose children may still write there for a moment after it was killed.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gioconda-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 50 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("the browser's folder stays behind: %v", err)
	})
	return dir
}

func (s seen) check(t *testing.T, host *fakeHost) {
	t.Helper()
	t.Logf("%d frames shown, %d decoded, %.1f s frozen, %d reports, jitter buffer %.1f ms; %d packets lost, %d asked for, %d repaired, %d keyframes asked for",
		s.Frames, s.Decoded, s.Frozen, s.Reports, s.Buffer, s.Lost, s.Asked, s.Repaired, s.Keys)
	if len(s.Errors) > 0 || s.State != "connected" {
		t.Fatalf("state %s, errors %v", s.State, s.Errors)
	}
	if s.Width != rtctest.Side || s.Decoded < 20 || s.Frames < 10 || s.Reports < 5 {
		t.Errorf("saw %+v", s)
	}
	for i := 1; i < len(s.Stamps); i++ {
		if int32(s.Stamps[i]-s.Stamps[i-1]) <= 0 {
			t.Errorf("timestamps %d then %d", s.Stamps[i-1], s.Stamps[i])
		}
	}
	if len(s.Answers) == 0 || s.Answers[0]["t"] != 5.0 {
		t.Errorf("answers %v", s.Answers)
	}
	if !host.last().mailbox.Full() {
		t.Error("the sample did not arrive")
	}
}
