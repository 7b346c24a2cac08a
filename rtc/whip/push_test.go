package whip

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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

// newPush makes a push to a new ingest, for a bubble of synctest.
func newPush(t *testing.T) (*Push, *rtctest.Endpoint, *film) {
	t.Helper()
	in := rtctest.NewEndpoint(t)
	cfg := rtc.DefaultConfig()
	cfg.Loopback = false
	transport, err := rtc.NewTransport(cfg, rtc.Options{Net: in.Nets.Server})
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
		Client:    &Client{URL: &url.URL{Scheme: "http", Host: "ingest", Path: "/whip"}, Transport: in.Over},
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
			receiver := rtctest.Expect(t, in.Came)
			rtctest.Expect(t, live)
			receiver.Frames(10)
			offers, fragments, _, _ := in.Seen()
			if trickle == strings.Contains(offers[0], "a=candidate:") {
				t.Errorf("trickle %v, offer\n%s", trickle, offers[0])
			}
			if all := strings.Join(fragments, ""); trickle && (!strings.HasPrefix(all, "a=ice-ufrag:") || !strings.Contains(all, "\r\nm=video ") ||
				!strings.Contains(all, "\r\na=mid:0\r\na=candidate:") || !strings.HasSuffix(all, "a=end-of-candidates\r\n")) {
				t.Errorf("fragments\n%s", all)
			}
			cancel()
			if err := rtctest.Expect(t, done); err != nil {
				t.Error(err)
			}
			if _, _, _, deleted := in.Seen(); deleted != 1 || p.Counters.Counts().Bytes == 0 || p.servers != nil {
				t.Errorf("deleted %d times, %d bytes, servers %v", deleted, p.Counters.Counts().Bytes, p.servers)
			}
		})
	}
}

// TestNoTrickle: an endpoint that takes no candidates later gets a whole offer next time.
func TestNoTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in, _ := newPush(t)
		p.Trickle = true
		in.Patch(http.StatusMethodNotAllowed)
		in.Deafen(true)
		for range 2 {
			if err := p.Run(t.Context()); !errors.Is(err, ErrNoMedia) {
				t.Fatal(err)
			}
		}
		if offers, _, _, _ := in.Seen(); strings.Contains(offers[0], "a=candidate:") || !strings.Contains(offers[1], "a=candidate:") {
			t.Error("the second offer is not whole")
		}
	})
}

// TestNoMedia: a session that never connects is given up and deleted, and its servers serve the next.
func TestNoMedia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in, _ := newPush(t)
		in.Deafen(true)
		begin := time.Now()
		if err := p.Run(t.Context()); !errors.Is(err, ErrNoMedia) {
			t.Error(err)
		}
		if took := time.Since(begin); took > connectWithin+time.Second {
			t.Errorf("given up after %v", took)
		}
		if _, _, _, deleted := in.Seen(); deleted != 1 || len(p.servers) != 1 {
			t.Errorf("deleted %d times, servers %v", deleted, p.servers)
		}
		<-in.Came
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		in.Deafen(false)
		go func() { done <- p.Run(ctx) }()
		receiver := rtctest.Expect(t, in.Came)
		receiver.Frames(3)
		cancel()
		if err := rtctest.Expect(t, done); err != nil {
			t.Error(err)
		}
	})
}

// TestLost: an endpoint that vanishes in mid-stream, and one that closes.
func TestLost(t *testing.T) {
	for name, vanish := range map[string]func(*rtctest.Endpoint, *rtctest.Browser){
		"vanishes": func(in *rtctest.Endpoint, _ *rtctest.Browser) { in.Nets.Lose(1) },
		"closes":   func(_ *rtctest.Endpoint, b *rtctest.Browser) { b.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, in, _ := newPush(t)
				done := make(chan error, 1)
				go func() { done <- p.Run(t.Context()) }()
				receiver := rtctest.Expect(t, in.Came)
				receiver.Frames(3)
				vanish(in, receiver)
				if err := rtctest.Expect(t, done); !errors.Is(err, ErrLost) {
					t.Error(err)
				}
				if _, _, _, deleted := in.Seen(); deleted != 1 {
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
		in.Answer("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n")
		err := p.Run(t.Context())
		if e, ok := errors.AsType[*RefusedError](err); !ok || !e.Hopeless || !strings.Contains(e.Message, "does not take VP8") {
			t.Error(err)
		}
		if _, _, _, deleted := in.Seen(); deleted != 1 {
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

// TestReach: media goes to no address that is not allowed, whatever the answer names.
func TestReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := newPush(t)
		asked := 0
		p.Reach = func(a netip.Addr) bool { asked++; return a.IsPrivate() }
		ctx, cancel := context.WithCancel(t.Context())
		p.Live = cancel
		if err := p.Run(ctx); err != nil || asked == 0 || len(p.servers) != 0 {
			t.Errorf("%v, asked %d times, would use %v", err, asked, p.servers)
		}
	})
	const head = "v=0\r\nm=video 9 x 96\r\n"
	answer := head + "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=candidate:2 1 udp 1 192.0.2.7 5 typ host\r\n" +
		"a=candidate:3 1 udp 1 inside.local 5 typ host\r\na=candidate:4 1 udp\r\na=mid:0\r\n"
	got := reachable(answer, func(a netip.Addr) bool { return !a.IsPrivate() })
	if want := head + "a=candidate:2 1 udp 1 192.0.2.7 5 typ host\r\na=mid:0\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
