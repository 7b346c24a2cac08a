package exits

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/whip"
)

// pushed is an exit to an endpoint in memory, and what it reports.
type pushed struct {
	*rtctest.Endpoint
	t       *testing.T
	session *pipeline.Session
	exit    pipeline.Exit
	ended   chan error

	mu   sync.Mutex
	said []Status
}

// newPushed is for a bubble of synctest.
func newPushed(t *testing.T, url string, o Options) *pushed {
	t.Helper()
	p := &pushed{Endpoint: rtctest.NewEndpoint(t), t: t, session: newSession(t), ended: make(chan error, 1)}
	cfg := rtc.DefaultConfig()
	cfg.Loopback = false
	var err error
	o.HTTP = p.Over
	if o.Transport, err = rtc.NewTransport(cfg, rtc.Options{Net: p.Nets.Server}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Transport.Close)
	o.Report = func(s Status) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.said = append(p.said, s)
	}
	if p.exit, err = Open(url, o); err != nil {
		t.Fatal(err)
	}
	return p
}

// run runs the exit until stop, or until it gives up.
func (p *pushed) run() (stop func() error) {
	ctx, cancel := context.WithCancel(p.t.Context())
	go func() { p.ended <- p.exit.Run(ctx, p.session) }()
	return func() error {
		cancel()
		return rtctest.Expect(p.t, p.ended)
	}
}

// states are those that were reported, without repetitions, each with its sentence.
func (p *pushed) states() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.said {
		text := string(s.State) + " " + s.Message
		if len(list) == 0 || list[len(list)-1] != text {
			list = append(list, text)
		}
	}
	return list
}

func (p *pushed) last() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[len(p.said)-1]
}

// TestPushComesBack: an endpoint that is busy, then takes the stream, then vanishes, then has nothing there, then is back.
func TestPushComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "whip://ingest/live", Options{Codec: pipeline.VP8, Bearer: "sesame"})
		p.Refuse(rtctest.Refusal{Status: http.StatusServiceUnavailable, RetryAfter: "20"})
		begin := time.Now()
		stop := p.run()
		first := <-p.Came
		if waited := time.Since(begin); waited < 20*time.Second || waited > 22*time.Second {
			t.Errorf("came again after %v, and was asked to wait for 20 s", waited)
		}
		first.Frames(30)
		p.Refuse(rtctest.Refusal{Status: http.StatusNotFound})
		first.Close()
		second := <-p.Came
		second.Frames(30)
		time.Sleep(2 * time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		want := []string{
			"connecting ", "waiting Ingest is overloaded or not ready (503).", "live ",
			"waiting The connection to the endpoint was lost.", "waiting Ingest has nothing there (404); check the URL.", "live ", "ended ",
		}
		if got := p.states(); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("states\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		_, _, tokens, deleted := p.Seen()
		if p.last().Bytes == 0 || deleted != 2 || tokens[0] != "sesame" {
			t.Errorf("%d bytes, %d deleted, tokens %q", p.last().Bytes, deleted, tokens)
		}
	})
}

// TestPushKeyframes: there is one every two seconds, also where nobody asks.
func TestPushKeyframes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "http://ingest/live", Options{Codec: pipeline.VP8})
		stop := p.run()
		_, keys := (<-p.Came).Frames(150) // five seconds
		if keys < 3 || keys > 4 {
			t.Errorf("%d keyframes in 5 s", keys)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestPushSound: the driver's packets arrive as they are.
func TestPushSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "http://ingest/live", Options{Codec: pipeline.VP8})
		stop := p.run()
		receiver := <-p.Came
		receiver.Frames(10)
		for range 10 {
			p.session.Sound(&pipeline.Packet{Opus: rtctest.Packet(), Span: 20 * time.Millisecond}, time.Now())
			if got := rtctest.Expect(t, receiver.Sound.Packets); string(got.Payload) != string(rtctest.Packet()) {
				t.Errorf("a packet of %d bytes", len(got.Payload))
			}
			time.Sleep(20 * time.Millisecond)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestPushWide: who asks for 16:9 gets it.
func TestPushWide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "http://ingest/live", Options{Codec: pipeline.VP8, Form: pipeline.Form{Wide: true}})
		stop := p.run()
		pictures, _ := (<-p.Came).Frames(3)
		if w, h := pictures[2].Width, pictures[2].Height; w != pipeline.WideWidth || h != pipeline.WideHeight {
			t.Errorf("pictures of %dx%d", w, h)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestPushGivesUp where it would be refused again, and says why.
func TestPushGivesUp(t *testing.T) {
	for status, says := range map[int]string{401: "token (401)", 403: "(403)", 404: "(404)", 405: "(405)", 422: "(422)"} {
		synctest.Test(t, func(t *testing.T) {
			p := newPushed(t, "whip://ingest/live", Options{})
			p.Refuse(rtctest.Refusal{Status: status})
			p.run()
			err := <-p.ended
			if _, ok := errors.AsType[*whip.RefusedError](err); !ok || !strings.Contains(err.Error(), says) {
				t.Errorf("%d: %v", status, err)
			}
			if s := p.last(); s.State != Ended || !strings.Contains(s.Message, says) {
				t.Errorf("%d: %+v", status, s)
			}
			if offers, _, _, _ := p.Seen(); len(offers) != 1 || !strings.Contains(offers[0], "H264/90000") || !strings.Contains(offers[0], "profile-level-id=42e01f") {
				t.Errorf("%d offers:\n%s", len(offers), offers[0])
			}
		})
	}
}

// TestPushTokenExpires: what was live is given up when its token is not good any more.
func TestPushTokenExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "whip://ingest/live", Options{Codec: pipeline.VP8})
		p.run()
		first := <-p.Came
		first.Frames(3)
		p.Refuse(rtctest.Refusal{Status: http.StatusUnauthorized})
		first.Close()
		if err := <-p.ended; err == nil || !strings.Contains(err.Error(), "token") {
			t.Error(err)
		}
	})
}

// TestPushEndsWithItsSession: nobody pushes what is not there.
func TestPushEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPushed(t, "whip://ingest/live", Options{Codec: pipeline.VP8})
		p.session.Close()
		p.run()
		if err := <-p.ended; !errors.Is(err, pipeline.ErrClosed) {
			t.Error(err)
		}
	})
}

// TestPushHidesSecrets: neither a refusal to open nor the status shows a key.
func TestPushHidesSecrets(t *testing.T) {
	for _, url := range []string{
		"whip://ann:secret@host/x", "ftp://host/secret-secret-secret-secret", "https:///x?key=secret", "livekit://host/?key=secret",
		"livekit://host/room?key=secret",
	} {
		if _, err := Open(url, Options{Bearer: "secret"}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestPublicOnly: names that lead to this machine or its network do not help.
func TestPublicOnly(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:80": false, "[::1]:80": false, "10.1.2.3:80": false, "192.168.0.1:443": false, "172.16.0.1:1": false, "169.254.169.254:80": false,
		"[fe80::1]:80": false, "[fd00::1]:80": false, "0.0.0.0:80": false, "100.64.0.1:80": false, "224.0.0.1:80": false, "[::ffff:127.0.0.1]:80": false,
		"no address": false, "93.184.216.34:443": true, "[2606:4700::1111]:443": true,
	} {
		if err := publicOnly("", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	exit, err := Open("whip://127.0.0.1:1/x", Options{PublicOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:1/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := exit.(*push).http().RoundTrip(q)
	if err == nil {
		_ = answer.Body.Close()
		t.Error("this machine answers")
	} else if !strings.Contains(err.Error(), "not a public address") {
		t.Error(err)
	}
}
