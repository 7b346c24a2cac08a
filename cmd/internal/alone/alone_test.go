package alone

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// way is an exit that counts frames, and gives up after most of them.
type way struct {
	most   int
	frames chan time.Duration
}

var errEnough = errors.New("enough")

func (w *way) WriteFrame(f *frame.Encoded) error {
	select {
	case w.frames <- f.PTS:
	default:
	}
	return nil
}

func (w *way) Run(ctx context.Context, from pipeline.Feed) error {
	v, err := from.View(pipeline.Rendition{Codec: pipeline.VP8}, w)
	if err != nil {
		return err
	}
	defer v.Leave()
	for range w.most {
		select {
		case <-ctx.Done():
			return nil
		case <-w.frames:
		}
	}
	return errEnough
}

func options(t *testing.T) *Options {
	t.Helper()
	cfg := testenv.Config(t)
	cfg.Pipeline.Size = 256
	n := testenv.Networks(t)
	m := personas.NewMaker(n, t.TempDir())
	testenv.CloseAfter(t, m)
	lisa, err := m.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &Options{
		Networks: n, Persona: lisa, Driver: "sample:talking", Log: slog.New(slog.DiscardHandler),
		Engine: &engine.Options{
			Use: engine.MeshOnly, Device: "cpu", Pipeline: cfg.Pipeline, Log: slog.New(slog.DiscardHandler),
			Mesh: mesh.Options{Size: 256, Workers: 1},
		},
	}
}

// TestRun: the session ends with its length, with the exit that gives up, and begins with a driver that is there only.
func TestRun(t *testing.T) {
	testenv.Full(t)
	o := options(t)
	var said string
	o.Chosen = func(s string) { said = s }
	o.Repeat = true
	if err := Run(t.Context(), o, &way{most: 15, frames: make(chan time.Duration, 1)}); !errors.Is(err, errEnough) {
		t.Errorf("an exit that gives up: %v", err)
	}
	if !strings.Contains(said, "geometric layer") {
		t.Errorf("it says of what draws: %q", said)
	}
	o.Length = 500 * time.Millisecond
	if err := Run(t.Context(), o, &way{most: 1000, frames: make(chan time.Duration, 1)}); err != nil {
		t.Errorf("at its length: %v", err)
	}
	o.Driver = "sample:opera"
	if err := Run(t.Context(), o, &way{}); err == nil || !strings.Contains(err.Error(), "opera") {
		t.Errorf("without a driver: %v", err)
	}
}

// short is a film of a few samples.
type short struct {
	driver.Source
	left int
}

func (f *short) About() driver.About { return driver.About{RateNum: 30, RateDen: 1} }
func (f *short) Close() error        { return nil }

func (f *short) Next(s *landmark.Sample) error {
	if f.left == 0 {
		return io.EOF
	}
	f.left--
	s.Width, s.Height = 640, 480
	return nil
}

// TestPlay: the film's end is the end, or the beginning where it repeats.
func TestPlay(t *testing.T) {
	for _, repeat := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := &player{o: &Options{Repeat: repeat, Driver: "sample:talking"}, src: &short{left: 3}}
			to := latest.New[landmark.Arrival]()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			begin := time.Now()
			err := p.play(ctx, to)
			took := time.Since(begin)
			var a landmark.Arrival
			if err != nil || !to.Take(&a) {
				t.Fatalf("repeat %v: %v", repeat, err)
			}
			if !repeat && (took > 100*time.Millisecond || a.Sample.Seq != 3) || repeat && (took < time.Second || a.Sample.Seq < 30) {
				t.Errorf("repeat %v: sample %d after %v", repeat, a.Sample.Seq, took)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
