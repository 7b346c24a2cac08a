package live

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/rtc/whep"
)

// audience counts what a player gets.
type audience struct {
	mu            sync.Mutex
	frames, keys  int
	lost          int // packets
	bytes         int
	gaps          []time.Duration // between frames
	last          time.Time
	seq           uint16
	begun         bool
	payloadHeader codecs.VP8Packet
}

// follow counts until ctx ends.
func (a *audience) follow(ctx context.Context, from chan *rtp.Packet) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-from:
			a.take(p)
		}
	}
}

func (a *audience) take(p *rtp.Packet) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.begun && p.SequenceNumber != a.seq+1 {
		a.lost++
	}
	a.begun, a.seq = true, p.SequenceNumber
	a.bytes += len(p.Payload)
	if data, err := a.payloadHeader.Unmarshal(p.Payload); err == nil && a.payloadHeader.S == 1 && len(data) > 0 && data[0]&1 == 0 {
		a.keys++
	}
	if p.Marker {
		now := time.Now()
		if !a.last.IsZero() {
			a.gaps = append(a.gaps, now.Sub(a.last))
		}
		a.frames, a.last = a.frames+1, now
	}
}

// seen is what a player got for a while.
type seen struct {
	frames, keys, lost, bytes int
	p95, longest              time.Duration // from one frame to the next
}

// sum is what was counted since it was called last.
func (a *audience) sum() (s seen) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s.frames, s.keys, s.lost, s.bytes = a.frames, a.keys, a.lost, a.bytes
	if slices.Sort(a.gaps); len(a.gaps) > 0 {
		s.p95, s.longest = a.gaps[len(a.gaps)*95/100], a.gaps[len(a.gaps)-1]
	}
	a.frames, a.keys, a.lost, a.bytes, a.gaps = 0, 0, 0, 0, a.gaps[:0]
	return s
}

// theatre is a session of which a driver, a good player and a bad one see something.
type theatre struct {
	t       *testing.T
	nets    *rtctest.Nets
	players *whep.Server
	session *session
	driver  stopwatch // the driver's own view
	good    audience
	ctx     context.Context //nolint:containedctx // of the test
	running *sync.WaitGroup
}

// newTheatre is for a bubble of synctest.
func newTheatre(t *testing.T) *theatre {
	t.Helper()
	d := openServer(t, engine.MeshOnly)
	th := &theatre{t: t, nets: rtctest.NewNets(t), running: &sync.WaitGroup{}}
	cfg := rtc.DefaultConfig()
	cfg.Loopback = false
	transport, err := rtc.NewTransport(cfg, rtc.Options{Net: th.nets.Server})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	if th.players, err = whep.New(whep.DefaultConfig(), whep.Options{Host: d.host, Transport: transport}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = th.players.Close(context.Background()) })
	o, err := d.host.Open(t.Context(), signalling.OpenOptions{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	th.session = o.(*session)
	t.Cleanup(o.Close)
	talk, err := perform.New("talking")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	th.ctx = ctx
	t.Cleanup(func() { stop(); th.running.Wait() })
	th.running.Go(func() { performInto(ctx, th.session.session, talk) })
	driver, err := th.session.session.View(pipeline.Rendition{Codec: pipeline.VP8}, &th.driver)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(driver.Leave)
	th.come(rtctest.NewBrowser(t, th.nets.Client, false, true), &th.good)
	return th
}

// come brings a player, and counts what it gets.
func (th *theatre) come(b *rtctest.Browser, gets *audience) {
	th.t.Helper()
	th.running.Go(func() { gets.follow(th.ctx, b.Packets) })
	r := httptest.NewRequest(http.MethodPost, "/whep/ann", strings.NewReader(b.WholeOffer()))
	r.Header.Set("Content-Type", "application/sdp")
	w := httptest.NewRecorder()
	th.players.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		th.t.Fatalf("%d %s", w.Code, w.Body)
	}
	b.Answer(w.Body.String())
	rtctest.Expect(th.t, b.Up)
}

// badFor is how long each bad player is there.
const badFor = 40 * time.Second

// watch tells what the driver and the good player get while a bad one is there, and fails where that is less than all.
func (th *theatre) watch(name string, bad *audience) {
	th.t.Helper()
	th.driver.take()
	th.good.sum()
	before := th.session.session.Counts().Slow
	time.Sleep(badFor)
	own, got := th.driver.take(), th.good.sum()
	longest, frames := own[len(own)-1], len(own)-1
	th.t.Logf("%s: the driver gets %d frames, p95 %v, at most %v; the good player %d, %d gaps in its packets, p95 from one to the next %v, at most %v, %d keyframes, %d kbit/s; the bad one %+v",
		name, frames, own[len(own)*95/100], longest, got.frames, got.lost, got.p95, got.longest, got.keys, got.bytes*8/1000/int(badFor.Seconds()), bad.sum())
	least := 30*int(badFor.Seconds()) - 2
	if slow := th.session.session.Counts().Slow - before; frames < least || longest > 0 || slow > 0 ||
		got.frames < least || got.lost > 0 || got.longest > 70*time.Millisecond {
		th.t.Errorf("%s costs the others something; %d slow writes", name, slow)
	}
}

// TestBadViewersCostNobodyElse: beside a driver and a good player come one that loses a fifth of its packets, one that says
// nothing, and one whose network dies. In fake time every wait of one for another would show.
func TestBadViewersCostNobodyElse(t *testing.T) {
	testenv.Full(t)
	synctest.Test(t, func(t *testing.T) {
		th := newTheatre(t)
		time.Sleep(5 * time.Second)
		th.watch("nobody else", &audience{})
		for _, c := range []struct {
			name  string
			bad   *rtctest.Browser
			share float64 // of packets that it loses
			stays int     // players in the end
		}{
			{"one that loses a fifth", rtctest.NewBrowser(t, th.nets.Poor, false, true), 0.2, 2},
			{"one that says nothing", rtctest.NewMute(t, th.nets.Poor), 0, 1},
			{"one whose network dies", rtctest.NewBrowser(t, th.nets.Poor, false, true), 1, 1},
		} {
			var gets audience
			th.nets.LosePoor(0)
			th.come(c.bad, &gets)
			th.nets.LosePoor(c.share)
			th.watch(c.name, &gets)
			if n := th.players.Viewers(); n != c.stays {
				t.Errorf("%s: %d players after %v, want %d", c.name, n, badFor, c.stays)
			}
			th.nets.LosePoor(0)
			c.bad.Close()
			rtctest.Eventually(t, "it has left", func() bool { return th.players.Viewers() == 1 })
		}
	})
}
