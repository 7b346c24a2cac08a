package exits

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/alone"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// tail is how many of a frame's last bytes tell it from all others; the subscriber notes as many.
const tail = 24

// noted is an exit whose frames are noted as they are sent.
type noted struct {
	exit pipeline.Exit

	mu   sync.Mutex // guards the following
	sent map[string]sentFrame
}

type sentFrame struct{ at, received time.Time }

func (n *noted) Run(ctx context.Context, from pipeline.Feed) error {
	return n.exit.Run(ctx, notedFeed{from, n})
}

type notedFeed struct {
	pipeline.Feed
	by *noted
}

func (f notedFeed) View(r pipeline.Rendition, to pipeline.Sink) (*pipeline.Viewer, error) {
	return f.Feed.View(r, notedSink{to, f.by})
}

type notedSink struct {
	pipeline.Sink
	by *noted
}

func (s notedSink) WriteFrame(f *frame.Encoded) error {
	err := s.Sink.WriteFrame(f)
	s.by.mu.Lock()
	defer s.by.mu.Unlock()
	s.by.sent[hex.EncodeToString(f.Data[max(0, len(f.Data)-tail):])] = sentFrame{f.Trace.At[trace.Sent], f.Trace.At[trace.Received]}
	return err
}

// TestRealPortrait drives the Mona Lisa by a performance, pushes her to a room, tracks her face in what its members get, and
// measures how late that is.
func TestRealPortrait(t *testing.T) {
	testenv.FFmpeg(t)
	subscriber(t) // built before anything runs
	port, _ := liveKit(t)
	cfg := testenv.Config(t)
	networks := testenv.Networks(t)
	maker := personas.NewMaker(networks, filepath.Join(filepath.Dir(cfg.Models.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	lisa, err := maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	live := make(chan struct{})
	once := sync.OnceFunc(func() { close(live) })
	exit, err := Open(liveKitURL(port), Options{Bearer: liveKitKey + ":" + liveKitSecret, Report: func(s Status) {
		if s.State == Live {
			once()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	n := &noted{exit: exit, sent: map[string]sentFrame{}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	quiet := slog.New(slog.DiscardHandler)
	go func() {
		done <- alone.Run(ctx, &alone.Options{
			Networks: networks, Persona: lisa, Driver: "sample:talking", Repeat: true, Log: quiet,
			Engine: &engine.Options{
				Use: engine.MeshOnly, Device: "cpu", Pipeline: cfg.Pipeline, Log: quiet, Mesh: mesh.Options{Size: cfg.Pipeline.Size, Workers: 1},
			},
		}, n)
	}()
	select {
	case <-live:
	case err := <-done:
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lisa.h264")
	r := subscribe(t, port, 8, path)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if r.Identity != "portrait" {
		t.Errorf("the room has %+v", r)
	}
	tellLatency(t, n, path+".times")
	fitter := motion.NewFitter()
	var frames, faces int
	var least, most float64
	for f, err := range driver.Follow(t.Context(), networks, path, nil, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if frames++; f.Sample.Lost() {
			continue
		}
		open := fitter.Measure(&f.Sample.Points).MouthOpen
		if faces++; faces == 1 {
			least, most = open, open
		}
		least, most = min(least, open), max(most, open)
	}
	t.Logf("%d frames, %d with a face, mouth open from %.3f to %.3f", frames, faces, least, most)
	if frames < 120 || faces < frames*95/100 || most-least < 0.05 {
		t.Errorf("%d frames, %d with a face, mouth open from %.3f to %.3f", frames, faces, least, most)
	}
}

// tellLatency compares the times of sending with those of a subscriber on the same machine.
func tellLatency(t *testing.T, n *noted, times string) {
	t.Helper()
	b, err := os.ReadFile(times)
	if err != nil {
		t.Fatal(err)
	}
	var way, whole []time.Duration
	for line := range strings.Lines(string(b)) {
		var micros int64
		var key string
		if _, err := fmt.Sscan(line, &micros, &key); err != nil {
			t.Fatal(err)
		}
		if s, ok := n.sent[key]; ok {
			way = append(way, time.UnixMicro(micros).Sub(s.at))
			if !s.received.IsZero() {
				whole = append(whole, time.UnixMicro(micros).Sub(s.received))
			}
		}
	}
	if min(len(way), len(whole)) < 100 {
		t.Fatalf("%d frames are known on both sides, %d with a sample", len(way), len(whole))
	}
	at := func(d []time.Duration, share int) time.Duration {
		slices.Sort(d)
		return d[len(d)*share/100].Round(100 * time.Microsecond)
	}
	t.Logf("%d frames: from sending to a member of the room p50 %v, p95 %v; from the landmarks to there p50 %v, p95 %v",
		len(way), at(way, 50), at(way, 95), at(whole, 50), at(whole, 95))
	if p50 := at(way, 50); p50 > 500*time.Millisecond {
		t.Errorf("members get frames %v late", p50)
	}
}
