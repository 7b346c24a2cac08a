package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// openServer opens everything that serve opens, small, without a listener, and runs the loop until the test ends.
func openServer(t testing.TB, generator string) *Server {
	t.Helper()
	return openServerOf(t, generator, 256)
}

// openServerOf is openServer for pictures of another size.
func openServerOf(t testing.TB, generator string, size int) *Server {
	t.Helper()
	cfg := testenv.Config(t)
	cfg.Gallery.Dir = t.TempDir()
	cfg.Pipeline.Size, cfg.Pipeline.MaxSessions = size, 2
	n := testenv.Networks(t)
	maker := personas.NewMaker(n, filepath.Join(filepath.Dir(cfg.Models.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	log := slog.New(slog.DiscardHandler)
	d, err := Open(t.Context(), &Options{
		Config: &cfg, Networks: n, Maker: maker, Log: log,
		Engine: &engine.Options{
			Use: generator, Device: "cpu", Catalog: engine.Catalog{Dir: cfg.Generators.Dir}, Pipeline: cfg.Pipeline,
			Mesh: mesh.Options{Size: cfg.Pipeline.Size, Workers: cfg.Pipeline.Workers, Badge: compositor.BadgePlace(cfg.Picture.Badge)}, Log: log,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.loop.Run(ctx) }()
	t.Cleanup(func() {
		wait, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		if err := errors.Join(d.viewers.Close(wait), d.rtc.Close(wait)); err != nil {
			t.Error(err)
		}
		cancel()
		<-done
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestSessionsFromHelloToBye drives two sessions as two browsers would, with everything that a browser may ask for
// at any moment, and meets the full house at the door.
func TestSessionsFromHelloToBye(t *testing.T) {
	d := openServer(t, engine.Small)
	h := d.host
	var all []signalling.Session
	for range 2 {
		s, err := h.Open(t.Context(), signalling.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	var full *rtc.Error
	if _, err := h.Open(t.Context(), signalling.OpenOptions{}); !errors.As(err, &full) || full.Code != rtc.CodeFull {
		t.Errorf("a third session: %v", err)
	}
	if _, err := h.Open(t.Context(), signalling.OpenOptions{Persona: "nobody"}); !errors.As(err, &full) || full.Code != rtc.CodeUnknownPersona {
		t.Errorf("an unknown persona: %v", err)
	}
	var busy sync.WaitGroup
	for _, s := range all {
		busy.Go(func() { driveAndAsk(t, s) })
	}
	busy.Wait()
	for _, s := range all {
		if n := s.(*session).faults.Load(); n > 0 {
			t.Errorf("%d pictures could not be painted", n)
		}
		c := s.(*session).session.Counts()
		if c.Encoded < 10 || c.Failed > 0 {
			t.Errorf("%+v", c)
		}
		s.Close()
	}
	if n := d.loop.Sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// driveAndAsk sends a second of samples and changes everything that can be changed meanwhile.
func driveAndAsk(t *testing.T, s signalling.Session) {
	stream, err := s.View(rtc.DiscardOutput(rtc.CodecVP8))
	if err != nil {
		t.Error(err)
		return
	}
	defer stream.Leave()
	play, err := perform.New("moods")
	if err != nil {
		t.Error(err)
		return
	}
	ask := func(kind, body string, ok bool) {
		if _, err := s.Control(t.Context(), kind, json.RawMessage(body)); (err == nil) != ok {
			t.Errorf("%s %s: %v", kind, body, err)
		}
	}
	requests := []func(){
		func() { ask("calibrate", `{}`, true) },
		func() { ask("settings", `{"mirror":true,"background":{"mode":"blur"},"strength":{"head":0.5}}`, true) },
		func() {
			ask("settings", `{"background":{"mode":"party"}}`, false)
			ask("settings", `{"split":2}`, false)
		},
		func() { ask("settings", `{"split":0.5}`, true); ask("settings", `{"learned":false}`, true) },
		func() { ask("persona", `{"persona":"mona-lisa"}`, true) },
		func() { ask("persona", `{"persona":"nobody"}`, false) },
		func() { ask("dance", `{}`, false) },
		func() { stream.Keyframe() },
		func() { stream.SetBitrate(700_000) },
	}
	var a landmark.Arrival
	enough := func() bool { return s.(*session).session.Counts().Encoded >= 10 }
	for i := 0; i < 6*len(requests) || !enough() && i < 1000; i++ { // a slow machine gets half a minute
		play.At(time.Duration(i)*time.Second/30, &a.Sample)
		a.Sample.Seq, a.Sample.CaptureMicros, a.Received = uint32(i+1), uint64(i*33_333+1), time.Now()
		s.Mailbox().Put(&a)
		if i%6 == 5 && i/6 < len(requests) {
			requests[i/6]()
		}
		time.Sleep(33 * time.Millisecond)
	}
	if got := s.Info(); got.Persona != "mona-lisa" || got.Size != 256 {
		t.Errorf("info %+v", got)
	}
}

// TestNames: a session is found by the name that it asked for or was given, as long as it lives, and nobody else is called so.
func TestNames(t *testing.T) {
	h := openServer(t, engine.MeshOnly).host
	ann, err := h.Open(t.Context(), signalling.OpenOptions{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	var taken *rtc.Error
	if _, err := h.Open(t.Context(), signalling.OpenOptions{Name: "ann"}); !errors.As(err, &taken) || taken.Code != rtc.CodeNameTaken {
		t.Errorf("a second ann: %v", err)
	}
	given, err := h.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err) // no place was lost to the one that was refused
	}
	name := given.Info().Name
	if s, ok := h.Find(name); !ok || s != given || !rtc.ValidName(name) || name == "ann" {
		t.Errorf("%q finds %v", name, s)
	}
	if s, ok := h.Find("ann"); !ok || s != ann || ann.Info().Name != "ann" {
		t.Errorf("ann is %v", s)
	}
	ann.Close()
	select {
	case <-ann.(*session).Done():
	default:
		t.Error("a closed session is not done")
	}
	if _, ok := h.Find("ann"); ok {
		t.Error("ann is found after her end")
	}
	again, err := h.Open(t.Context(), signalling.OpenOptions{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	given.Close()
	if _, err := h.Open(t.Context(), signalling.OpenOptions{Name: "bob", Persona: "nobody"}); err == nil {
		t.Error("nobody was opened")
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	if s, err := h.Open(left, signalling.OpenOptions{Name: "eve"}); err == nil { // the portrait may be prepared already
		s.Close()
	}
	if n := len(h.names.held); n != 0 {
		t.Errorf("%d names are held by nobody", n)
	}
}

// TestRoomForOneLearnedLayer: the first session gets the learned layer, the second the geometric one and a reason, the
// third none; who leaves makes room.
func TestRoomForOneLearnedLayer(t *testing.T) {
	d := openServer(t, engine.Small)
	both, plain := pipeline.Cost{Loop: 10, Cores: 10}, pipeline.Cost{Loop: 4, Cores: 4}
	d.engine.Speed = engine.Speed{Geometric: plain.Loop, Learned: both.Loop - plain.Loop}
	d.engine.Named = false
	d.host.admission = pipeline.NewAdmission(pipeline.Capacity{Budget: pipeline.Cost{Loop: 15, Cores: 15}})
	open := func() *session {
		t.Helper()
		s, err := d.host.Open(t.Context(), signalling.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return s.(*session)
	}
	first, second := open(), open()
	if got := first.Info(); got.Generator != engine.Small || got.GeneratorNote != "" {
		t.Errorf("the first session is told %+v", got)
	}
	if got := second.Info(); got.Generator != engine.MeshOnly || !strings.Contains(got.GeneratorNote, "learned layer") {
		t.Errorf("the second session is told %+v", got)
	}
	if _, err := second.Control(t.Context(), "settings", json.RawMessage(`{"learned":true,"split":0.5}`)); err != nil {
		t.Errorf("settings without a learned layer: %v", err)
	}
	var full *rtc.Error
	if _, err := d.host.Open(t.Context(), signalling.OpenOptions{}); !errors.As(err, &full) || full.Code != rtc.CodeFull {
		t.Errorf("the third session: %v", err)
	}
	first.Close()
	third := open()
	if got := third.Info(); got.Generator != engine.Small {
		t.Errorf("after one has left: %+v", got)
	}
	third.Close()
	second.Close()
}

// lockedBuffer is written by one goroutine and read by another.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestFaultsAreCountedAndToldOnce: what the learned layer cannot paint stays geometric, and the browser hears of it once.
func TestFaultsAreCountedAndToldOnce(t *testing.T) {
	d := openServer(t, engine.Small)
	o, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := o.(*session)
	var log lockedBuffer
	d.host.log = slog.New(slog.NewTextHandler(&log, nil))
	for range 3 {
		s.failed(errors.New("no numbers"))
	}
	for end := time.Now().Add(5 * time.Second); log.String() == "" && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	if said := log.String(); s.faults.Load() != 3 || strings.Count(said, "no numbers") != 1 || !strings.Contains(said, "count=3") {
		t.Errorf("%d faults, and the log says %s", s.faults.Load(), said)
	}
}
