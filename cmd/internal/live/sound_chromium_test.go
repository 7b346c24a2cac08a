package live

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

//go:embed testdata/sound.html
var soundPage []byte

// lateness is what the page posts. Times are in milliseconds, the first of a pair on the page's clock.
type lateness struct {
	Errors          []any
	Beeps, Pictures [][2]float64
	Reports         []*float64 // microseconds
	Streams         int
	AfterMute       int
	SentMuted       *int
	Audio, Video    struct{ Playout, Buffer, Lost, Concealed, Received float64 }
}

// remember is a host that tells which session it opened last.
type remember struct {
	*host
	last atomic.Pointer[session]
}

func (r *remember) Open(ctx context.Context, o signalling.OpenOptions) (signalling.Session, error) {
	s, err := r.host.Open(ctx, o)
	if opened, ok := s.(*session); ok {
		r.last.Store(opened)
	}
	return s, err
}

// TestSoundAndPictureInChromium: a browser drives with a microphone, and another connection watches and hears: how much later than
// its sound is a picture shown? Broadcasters allow a picture that is 45 ms late, and sound that is 125 ms late.
func TestSoundAndPictureInChromium(t *testing.T) {
	bin, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("SKIPPED: needs chromium, and is not short")
	}
	for _, c := range []struct{ name, query string }{
		{"apart", "sync=0"}, {"in one stream", "sync=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, results := soundServer(t)
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, bin, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
				"--no-first-run", "--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream",
				"--use-fake-ui-for-media-stream", "--user-data-dir="+t.TempDir(), url+"/?seconds=20&"+c.query)
			cmd.WaitDelay = 5 * time.Second
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cancel(); _ = cmd.Wait() }()
			select {
			case r := <-results:
				r.check(t, c.query == "sync=1")
			case <-ctx.Done():
				t.Fatal("the page said nothing")
			}
		})
	}
}

// soundServer serves the page, a session to drive, and a way to view it.
func soundServer(t *testing.T) (url string, results chan lateness) {
	t.Helper()
	d := openServer(t, engine.MeshOnly)
	h := &remember{host: d.host}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	srv, err := signalling.New(d.o.Config.RTC.Server, signalling.Options{Host: h, Transport: d.transport, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	results = make(chan lateness, 1)
	mux := http.NewServeMux()
	mux.Handle("/ws", srv)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(soundPage) })
	mux.HandleFunc("GET /datagram", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(rtctest.Datagram(t, 1)) })
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		var all lateness
		body, _ := io.ReadAll(r.Body)
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(&all); err != nil {
			t.Errorf("%v: %.300s", err, body)
		}
		select {
		case results <- all:
		default:
		}
	})
	mux.HandleFunc("POST /view", func(w http.ResponseWriter, r *http.Request) {
		offer, _ := io.ReadAll(r.Body)
		s, together := h.last.Load(), r.FormValue("sync") == "1"
		p, err := d.transport.NewPeer(context.WithoutCancel(r.Context()), rtc.PeerOptions{
			View: s, Listen: s, Sync: together, Codec: rtc.CodecVP8, PlayoutDelay: true,
		})
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(p.Close)
		answer, err := p.Offer(r.Context(), string(offer))
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, answer)
	})
	web := httptest.NewServer(mux)
	t.Cleanup(func() {
		web.Close()
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return web.URL, results
}

func (r *lateness) check(t *testing.T, together bool) {
	t.Helper()
	if len(r.Errors) > 0 {
		t.Fatalf("the page: %v", r.Errors)
	}
	if len(r.Beeps) < 10 || len(r.Pictures) < 100 {
		t.Fatalf("%d beeps and %d pictures", len(r.Beeps), len(r.Pictures))
	}
	// The second half: by then a browser has aligned what it aligns.
	sound, picture := median(r.Beeps[len(r.Beeps)/2:]), median(r.Pictures[len(r.Pictures)/2:])
	offset := picture - sound
	t.Logf("sound is heard %.0f ms and a picture seen %.0f ms after it was taken: the picture is %.0f ms late (by the browser's own reckoning %.0f)",
		sound, picture, offset, r.Audio.Playout-r.Video.Playout)
	t.Logf("buffers: sound %.0f ms, picture %.0f ms; %.1f %% concealed; server says %v us; %d beeps, %d pictures",
		r.Audio.Buffer, r.Video.Buffer, 100*r.Audio.Concealed/max(r.Audio.Received, 1), lastOf(r.Reports), len(r.Beeps), len(r.Pictures))
	// Chromium leaves alone what is less than 30 ms apart, and a busy machine adds to it. Apart nobody aligns anything.
	if together && max(offset, -offset) > 100 {
		t.Errorf("in one stream the picture is %.0f ms later than its sound", offset)
	}
	if (r.Streams == 1) != together {
		t.Errorf("%d streams", r.Streams)
	}
	if r.AfterMute != 0 || r.SentMuted == nil || *r.SentMuted != 0 {
		t.Errorf("muted, and yet %d beeps are heard and %v packets sent", r.AfterMute, r.SentMuted)
	}
	if lastOf(r.Reports) == 0 {
		t.Error("the driver is not told how far sound and picture are apart")
	}
}

func lastOf(reports []*float64) (v float64) {
	for _, r := range reports {
		if r != nil {
			v = *r
		}
	}
	return v
}

func median(list [][2]float64) float64 {
	var all []float64
	for _, p := range list {
		all = append(all, p[1])
	}
	slices.Sort(all)
	return all[len(all)/2]
}
