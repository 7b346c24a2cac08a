package whep

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// portrait is a session that shows a moving pattern.
type portrait struct {
	t            testing.TB
	done         chan struct{}
	viewed, left atomic.Int32
	asked        atomic.Pointer[string] // the query of the newest player
	full         atomic.Bool
	broken       string // the method that panics
}

func (p *portrait) breaks(method string) {
	if p.broken == method {
		panic("a fault in " + method)
	}
}

func (p *portrait) Done() <-chan struct{} { return p.done }

func (p *portrait) Form(q url.Values) (Form, error) {
	p.breaks("form")
	if q.Get("alpha") == "x" {
		return nil, errors.New("alpha is 0 or 1")
	}
	p.asked.Store(new(q.Encode()))
	return p, nil
}

func (p *portrait) Room(string) error {
	p.breaks("room")
	if p.full.Load() {
		return errors.New("as many watch as can")
	}
	return nil
}

func (p *portrait) Listen(*rtc.AudioOutput) (rtc.Listener, error) {
	p.breaks("listen")
	return silence{}, nil
}

// silence is a driver without a microphone.
type silence struct{}

func (silence) Leave() {}

func (p *portrait) View(out *rtc.Output) (rtc.Viewer, error) {
	p.breaks("view")
	p.viewed.Add(1)
	return film{rtctest.Show(p.t, out, rtc.ErrClosed), p}, nil
}

type film struct {
	*rtctest.Film
	of *portrait
}

func (f film) Leave() {
	f.Film.Leave()
	f.of.left.Add(1)
}

// stage is a Host.
type stage struct {
	mu   sync.Mutex
	live map[string]*portrait
}

func (s *stage) Watch(name string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.live[name]
	return p, ok
}

// end ends a session.
func (s *stage) end(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.live[name].done)
	delete(s.live, name)
}

// stand is a server where "ann" can be watched. It is for a bubble of synctest, which does not end before every goroutine has.
type stand struct {
	*Server
	nets  *rtctest.Nets
	stage *stage
	ann   *portrait

	faults atomic.Int32 // that were counted
}

func newStand(t *testing.T, change func(*Config, *Options)) *stand {
	t.Helper()
	ann := &portrait{t: t, done: make(chan struct{})}
	s := &stand{nets: rtctest.NewNets(t), ann: ann, stage: &stage{live: map[string]*portrait{"ann": ann}}}
	media := rtc.DefaultConfig()
	media.Loopback = false
	transport, err := rtc.NewTransport(media, rtc.Options{Net: s.nets.Server, Faulted: func(*wall.FaultError) { s.faults.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	cfg, o := DefaultConfig(), Options{Host: s.stage, Transport: transport}
	if change != nil {
		change(&cfg, &o)
	}
	if s.Server, err = New(cfg, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after those of browsers
		for range 2 {
			if err := s.Close(t.Context()); err != nil && t.Context().Err() == nil {
				t.Error(err)
			}
		}
		s.wg.Wait()
		transport.Close()
		if v, l := ann.viewed.Load(), ann.left.Load(); v != l || s.Viewers() != 0 || len(s.viewers) != 0 || len(s.watched) != 0 {
			t.Errorf("%d came to view, %d left; %d are counted, %d known, %v watched", v, l, s.Viewers(), len(s.viewers), s.watched)
		}
	})
	return s
}

// ask sends a request; header are names and values in turn.
func (s *stand) ask(method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (s *stand) post(offer string) *httptest.ResponseRecorder {
	return s.ask(http.MethodPost, "/whep/ann", offer, "Content-Type", typeSDP)
}

func (s *stand) patch(at, tag, body string) *httptest.ResponseRecorder {
	h := []string{"Content-Type", typeFragment}
	if tag != "" {
		h = append(h, "If-Match", tag)
	}
	return s.ask(http.MethodPatch, at, body, h...)
}

// watch brings a player to ann, and gives its address and the tag of its ICE session.
func (s *stand) watch(t *testing.T, b *rtctest.Browser) (at, tag string) {
	t.Helper()
	w := s.post(b.WholeOffer())
	if w.Code != http.StatusCreated {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	answer, _ := io.ReadAll(w.Body)
	b.Answer(string(answer))
	rtctest.Expect(t, b.Up)
	return w.Header().Get("Location"), w.Header().Get("ETag")
}

func (s *stand) player(t *testing.T) *rtctest.Browser {
	t.Helper()
	return rtctest.NewBrowser(t, s.nets.Client, false, true)
}
