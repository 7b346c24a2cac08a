package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// watched is a cache that notes who asks for what, and waits where it is told to.
type watched struct {
	subjects
	opened, at, most, onLoop atomic.Int32
	last                     atomic.Pointer[compositor.Options]
	hold                     atomic.Pointer[chan struct{}] // nil: nobody waits
	fail                     atomic.Bool
	log                      lockedBuffer
}

func (w *watched) OpenWith(ctx context.Context, p *persona.Persona, o compositor.Options) (*compositor.Subject, error) {
	stack := make([]byte, 16<<10)
	if strings.Contains(string(stack[:runtime.Stack(stack, false)]), "pipeline.(*Loop)") {
		w.onLoop.Add(1)
	}
	if n := w.at.Add(1); n > w.most.Load() {
		w.most.Store(n)
	}
	defer w.at.Add(-1)
	if hold := w.hold.Load(); hold != nil {
		<-*hold
	}
	if w.fail.Load() {
		return nil, errors.New("no paint today")
	}
	w.opened.Add(1)
	w.last.Store(&o)
	return w.subjects.OpenWith(ctx, p, o)
}

// flat is a picture of one colour as a file.
func flat(tb testing.TB, c color.RGBA, w, h int) []byte {
	tb.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = c.R+byte(i/4%w%7), c.G, c.B, 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func openWatched(t *testing.T) (d *Server, w *watched, s *session) {
	t.Helper()
	d = openServer(t, engine.MeshOnly)
	w = &watched{subjects: d.host.subjects}
	d.host.subjects, d.host.log = w, slog.New(slog.NewTextHandler(&w.log, nil))
	o, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s = o.(*session)
	t.Cleanup(s.Close)
	stream, err := s.View(rtc.DiscardOutput(rtc.CodecVP8))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stream.Leave)
	return d, w, s
}

func ask(t *testing.T, s *session, kind, body string) {
	t.Helper()
	if _, err := s.Control(t.Context(), kind, json.RawMessage(body)); err != nil {
		t.Errorf("%s %s: %v", kind, body, err)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

// Whatever a browser asks for, and how often: the loop prepares nothing, one preparation runs at a time, the newest
// background is the one that shows, and what changes no background prepares nothing.
func TestSettingsLeaveTheLoopAlone(t *testing.T) {
	d, w, s := openWatched(t)
	id, err := d.host.drops.Add(flat(t, color.RGBA{200, 40, 40, 255}, 300, 400))
	if err != nil {
		t.Fatal(err)
	}
	backgrounds := []string{
		`{"mode":"original"}`, `{"mode":"image","image":"` + id + `"}`, `{"mode":"blur"}`, `{"mode":"color","color":"#10a010"}`,
	}
	for i := range 100 {
		ask(t, s, "settings", `{"background":`+backgrounds[i%4]+`,"mirror":true,"split":0.5}`)
		if i%10 == 5 {
			ask(t, s, "persona", `{"persona":"mona-lisa"}`)
		}
	}
	ask(t, s, "settings", `{"background":{"mode":"color","color":"#0000ff"}}`)
	want := mesh.Background{Mode: mesh.BackgroundColour, Colour: color.RGBA{0, 0, 255, 255}}
	until(t, "the newest background shows", func() bool { return w.last.Load().Background == want })
	n := w.opened.Load()
	if n < 3 || n > 60 {
		t.Errorf("%d preparations for 101 changes, want a few", n)
	}
	for range 50 {
		ask(t, s, "settings", `{"mirror":true,"strength":{"mouth":1.2},"badge":"top-left","learned":false,"background":{"mode":"color","color":"#0000ff"}}`)
	}
	ask(t, s, "persona", `{"persona":"mona-lisa"}`) // it waits for what is being prepared; the persona shows already
	if m := w.opened.Load(); m != n {
		t.Errorf("%d preparations although the background did not change", m-n)
	}
	if w.onLoop.Load() != 0 || w.most.Load() != 1 {
		t.Errorf("%d preparations on the loop, at most %d at once", w.onLoop.Load(), w.most.Load())
	}
	if l := s.look.Load(); !l.Plain || l.Split != 0.5 || l.Badge == nil {
		t.Errorf("the look is %+v", l)
	}
}

// An answer does not wait for the preparation that it causes, and who leaves does not either.
func TestAnswersDoNotWait(t *testing.T) {
	_, w, s := openWatched(t)
	hold := make(chan struct{})
	w.hold.Store(&hold)
	ask(t, s, "settings", `{"background":{"mode":"blur"}}`)
	until(t, "it is being prepared", func() bool { return w.at.Load() == 1 })
	begin := time.Now()
	for range 20 {
		ask(t, s, "settings", `{"background":{"mode":"color","color":"#00ff00"},"mirror":false}`)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.Control(ctx, "persona", json.RawMessage(`{"persona":"mona-lisa"}`))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("switching while a background is prepared, and leaving: %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	close(hold)
	want := mesh.Background{Mode: mesh.BackgroundColour, Colour: color.RGBA{0, 255, 0, 255}}
	until(t, "the newest background shows", func() bool { return w.last.Load().Background == want })
	if n := w.opened.Load(); n != 3 { // the first of all, the blur that was under way, and the colour
		t.Errorf("%d preparations, want 3", n)
	}
}

func TestABackgroundThatFailsIsSaid(t *testing.T) {
	_, w, s := openWatched(t)
	w.fail.Store(true)
	ask(t, s, "settings", `{"background":{"mode":"blur"}}`)
	until(t, "the log says so", func() bool { return strings.Contains(w.log.String(), "no paint today") })
	w.fail.Store(false)
	n := w.opened.Load()
	ask(t, s, "settings", `{"background":{"mode":"color","color":"#00ff00"}}`)
	until(t, "the next one is tried", func() bool { return w.opened.Load() > n })
}

// A preparation is followed by a rest of four times its length, so that preparing one after the other takes a fifth of a core.
func TestTurnsRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		const took = 70 * time.Millisecond
		begin := time.Now()
		for range 10 {
			if err := turns.begin(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(took)
			turns.end(took)
		}
		if spent := time.Since(begin); spent != 10*took+9*4*took {
			t.Errorf("ten preparations of %v in %v", took, spent)
		}
		ctx, cancel := context.WithTimeout(t.Context(), took)
		defer cancel()
		if err := turns.begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("leaving in the rest: %v", err)
		}
		if err := turns.begin(t.Context()); err != nil {
			t.Errorf("the turn was lost: %v", err)
		}
		if err := turns.begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("two at once: %v", err)
		}
	})
}
