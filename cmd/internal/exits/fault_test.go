package exits

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/ffmpeg"
	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// brokenFeed panics when an exit asks for pictures.
type brokenFeed struct{ pipeline.Feed }

func (brokenFeed) View(pipeline.Rendition, pipeline.Sink) (*pipeline.Viewer, error) {
	panic("a fault, key=secret")
}

// brokenHTTP panics in one kind of request.
type brokenHTTP struct {
	http.RoundTripper
	method string
}

func (b brokenHTTP) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == b.method {
		panic("a fault in " + r.Method)
	}
	return b.RoundTripper.RoundTrip(r)
}

// TestAFaultEndsOneExit injects a panic into every goroutine of a push: the fault is counted once, its exit ends with a sentence
// that gives nothing away, and the exit of a neighbour goes on.
func TestAFaultEndsOneExit(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPatch} { // the one that pushes, the one that sends candidates
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, in := newManager(t)
				var faults atomic.Int32
				m.common.Faulted = func(*wall.FaultError) { faults.Add(1) }
				m.Opened("ann", newSession(t))
				if _, err := m.Start("ann", &Target{URL: "whip://ingest/live", Codec: pipeline.VP8}); err != nil {
					t.Fatal(err)
				}
				neighbour := <-in.Came
				neighbour.Frames(3)
				m.common.HTTP = brokenHTTP{in.Over, method}
				made, err := m.Start("ann", &Target{URL: "whip://ingest/live", Codec: pipeline.VP8, Trickle: true})
				if err != nil {
					t.Fatal(err)
				}
				rtctest.Eventually(t, "it ends", func() bool { return states(t, m, "ann") == "le" })
				checkBroken(t, m, made.ID)
				if n := faults.Load(); n != 1 {
					t.Errorf("%d faults were counted", n)
				}
				neighbour.Frames(3)
			})
		})
	}
}

func checkBroken(t *testing.T, m *Manager, id string) {
	t.Helper()
	list, err := m.List("ann")
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if said := list[i].Message; list[i].ID == id && (!strings.Contains(said, "the log says which") || strings.Contains(said, "secret")) {
			t.Errorf("said %q", said)
		}
	}
}

// TestAFaultEndsOneRecording is the same of what goes through ffmpeg, in the goroutine that runs it.
func TestAFaultEndsOneRecording(t *testing.T) {
	testenv.FFmpeg(t)
	m, err := NewManager(Options{Dir: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	faults := make(chan *wall.FaultError, 2)
	m.common.Faulted = func(f *wall.FaultError) { faults <- f }
	m.Opened("ann", brokenFeed{newSession(t)})
	made, err := m.Start("ann", &Target{URL: "file:talk.mkv"})
	if err != nil {
		t.Fatal(err)
	}
	if f := <-faults; f.Where != "exit" {
		t.Errorf("caught at %q", f.Where)
	}
	rtctest.Eventually(t, "it ends", func() bool { return states(t, m, "ann") == "e" })
	checkBroken(t, m, made.ID)
}

// TestAFaultEndsOneCarrier is the same in the goroutine that feeds ffmpeg: whoever watches it learns of the fault.
func TestAFaultEndsOneCarrier(t *testing.T) {
	testenv.FFmpeg(t)
	child, err := ffmpeg.Start(&ffmpeg.Output{Args: []string{"-c", "copy", "file:" + filepath.Join(t.TempDir(), "a.mkv")}})
	if err != nil {
		t.Fatal(err)
	}
	c := &carrier{child: child, queue: newQueue(), written: make(chan struct{})} // that counts bytes nowhere, and panics
	s := newSession(t)
	v, err := s.View(pipeline.Rendition{Codec: pipeline.H264}, c.queue)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Leave()
	go c.write(matroska.H264)
	<-c.written
	if _, ok := errors.AsType[*wall.FaultError](c.err); !ok {
		t.Errorf("ended with %v", c.err)
	}
	c.finish()
}
