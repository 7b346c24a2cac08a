package whip

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// film is a session that shows a moving pattern.
type film struct {
	t       *testing.T
	err     error
	viewers atomic.Int32
}

func (f *film) View(out *rtc.Output) (rtc.Viewer, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.viewers.Add(1)
	return leaving{rtctest.Show(f.t, out, rtc.ErrClosed), f}, nil
}

type leaving struct {
	*rtctest.Film
	of *film
}

func (l leaving) Leave() {
	l.Film.Leave()
	l.of.viewers.Add(-1)
}

// ingest is a WHIP server over HTTP in memory, with a real receiver behind it.
type ingest struct {
	t       *testing.T
	nets    *rtctest.Nets
	came    chan *rtctest.Browser // each receiver, as it is made
	patch   int                   // status of PATCH
	deaf    bool                  // answers lead nowhere
	answers string                // instead of the receiver's

	mu        sync.Mutex // guards the following
	receiver  *rtctest.Browser
	offers    []string
	fragments []string
	deleted   int
}

func (s *ingest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodPost:
		s.offers = append(s.offers, string(b))
		s.receiver = rtctest.NewIngest(s.t, s.nets.Client)
		answer, err := s.receiver.WholeAnswer(string(b))
		if err != nil {
			s.t.Error(err)
		}
		if s.deaf {
			answer = strings.ReplaceAll(answer, "10.0.0.3", "10.0.0.77")
			s.receiver.Close()
		}
		w.Header().Set("Location", "/session/1")
		w.Header().Set("Content-Type", "application/sdp")
		w.Header().Set("Link", `<stun:10.0.0.99>; rel="ice-server"`)
		w.WriteHeader(http.StatusCreated)
		if s.answers != "" {
			answer = s.answers
		}
		_, _ = io.WriteString(w, answer)
		s.came <- s.receiver
	case http.MethodPatch:
		s.fragments = append(s.fragments, string(b))
		for line := range strings.SplitSeq(string(b), "\r\n") {
			if c, ok := strings.CutPrefix(line, "a=candidate:"); ok && s.patch == http.StatusNoContent {
				zero := uint16(0)
				if err := s.receiver.PC.AddICECandidate(webrtc.ICECandidateInit{Candidate: "candidate:" + c, SDPMLineIndex: &zero}); err != nil {
					s.t.Error(err)
				}
			}
		}
		w.WriteHeader(s.patch)
	case http.MethodDelete:
		s.deleted++
	}
}

func (s *ingest) count() (deleted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deleted
}

// newPush makes a push to a new ingest, for a bubble of synctest.
func newPush(t *testing.T) (*Push, *ingest, *film) {
	t.Helper()
	in := &ingest{t: t, nets: rtctest.NewNets(t), came: make(chan *rtctest.Browser, 4), patch: http.StatusNoContent}
	l := rtctest.Listen()
	srv := &http.Server{Handler: in}
	go func() { _ = srv.Serve(l) }()
	over := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}
	t.Cleanup(func() { over.CloseIdleConnections(); _ = srv.Close() })
	cfg := rtc.DefaultConfig()
	cfg.Loopback = false
	transport, err := rtc.NewTransport(cfg, rtc.Options{Net: in.nets.Server})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	f := &film{t: t}
	t.Cleanup(func() {
		if n := f.viewers.Load(); n != 0 {
			t.Errorf("%d viewers stayed", n)
		}
	})
	return &Push{
		Client:    &Client{URL: &url.URL{Scheme: "http", Host: "ingest", Path: "/whip"}, Transport: over},
		Transport: transport, View: f, Codec: rtc.CodecVP8, Counters: &rtc.Counters{},
	}, in, f
}

// TestPush: pictures arrive, are counted, and the session is deleted in the end.
func TestPush(t *testing.T) {
	for _, trickle := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p, in, _ := newPush(t)
			p.Trickle = trickle
			live := make(chan struct{}, 1)
			p.Live = func() { live <- struct{}{} }
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx) }()
			receiver := rtctest.Expect(t, in.came)
			rtctest.Expect(t, live)
			receiver.Frames(10)
			if trickle == strings.Contains(in.offers[0], "a=candidate:") {
				t.Errorf("trickle %v, offer\n%s", trickle, in.offers[0])
			}
			if all := strings.Join(in.fragments, ""); trickle && (!strings.HasPrefix(all, "a=ice-ufrag:") || !strings.Contains(all, "\r\nm=video ") ||
				!strings.Contains(all, "\r\na=mid:0\r\na=candidate:") || !strings.HasSuffix(all, "a=end-of-candidates\r\n")) {
				t.Errorf("fragments\n%s", all)
			}
			cancel()
			if err := rtctest.Expect(t, done); err != nil {
				t.Error(err)
			}
			if in.count() != 1 || p.Counters.Counts().Bytes == 0 || p.servers != nil {
				t.Errorf("deleted %d times, %d bytes, servers %v", in.count(), p.Counters.Counts().Bytes, p.servers)
			}
		})
	}
}

// TestNoTrickle: an endpoint that takes no candidates later gets a whole offer next time.
func TestNoTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in, _ := newPush(t)
		p.Trickle, in.patch, in.deaf = true, http.StatusMethodNotAllowed, true
		for range 2 {
			if err := p.Run(t.Context()); !errors.Is(err, ErrNoMedia) {
				t.Fatal(err)
			}
		}
		if strings.Contains(in.offers[0], "a=candidate:") || !strings.Contains(in.offers[1], "a=candidate:") {
			t.Error("the second offer is not whole")
		}
	})
}

// TestNoMedia: a session that never connects is given up and deleted, and its servers serve the next.
func TestNoMedia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in, _ := newPush(t)
		in.deaf = true
		begin := time.Now()
		if err := p.Run(t.Context()); !errors.Is(err, ErrNoMedia) {
			t.Error(err)
		}
		if took := time.Since(begin); took > connectWithin+time.Second {
			t.Errorf("given up after %v", took)
		}
		if in.count() != 1 || len(p.servers) != 1 {
			t.Errorf("deleted %d times, servers %v", in.count(), p.servers)
		}
		<-in.came
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		in.deaf = false
		go func() { done <- p.Run(ctx) }()
		receiver := rtctest.Expect(t, in.came)
		receiver.Frames(3)
		cancel()
		if err := rtctest.Expect(t, done); err != nil {
			t.Error(err)
		}
	})
}

// TestLost: an endpoint that vanishes in mid-stream, and one that closes.
func TestLost(t *testing.T) {
	for name, vanish := range map[string]func(*ingest, *rtctest.Browser){
		"vanishes": func(in *ingest, _ *rtctest.Browser) { in.nets.Lose(1) },
		"closes":   func(_ *ingest, b *rtctest.Browser) { b.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, in, _ := newPush(t)
				done := make(chan error, 1)
				go func() { done <- p.Run(t.Context()) }()
				receiver := rtctest.Expect(t, in.came)
				receiver.Frames(3)
				vanish(in, receiver)
				if err := rtctest.Expect(t, done); !errors.Is(err, ErrLost) {
					t.Error(err)
				}
				if in.count() != 1 {
					t.Error("not deleted")
				}
			})
		})
	}
}

// TestAnswerOfNoUse is hopeless, and what was made is deleted.
func TestAnswerOfNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in, _ := newPush(t)
		in.answers = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
		err := p.Run(t.Context())
		if e, ok := errors.AsType[*RefusedError](err); !ok || !e.Hopeless || !strings.Contains(e.Message, "does not take VP8") {
			t.Error(err)
		}
		if in.count() != 1 {
			t.Error("not deleted")
		}
	})
}

// TestNothingToView: what the session says reaches who pushes.
func TestNothingToView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, f := newPush(t)
		f.err = errors.New("the session has ended")
		if err := p.Run(t.Context()); !errors.Is(err, f.err) {
			t.Error(err)
		}
	})
}
