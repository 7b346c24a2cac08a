package exits

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/whip"
)

const (
	// keyEvery is the distance of keyframes where nobody may be able to ask for one.
	keyEvery = 2 * time.Second
	// settled is how long an exit must have been live for the next attempts to begin with the shortest wait.
	settled = 30 * time.Second
	// tellEvery is how often a live exit says how much it has sent.
	tellEvery = time.Second
)

// push is an exit to a WHIP endpoint.
type push struct {
	o     Options
	to    *url.URL
	token func() string // bearer of each request; nil: none
}

// openWHIP takes https://… and http://…, the same as whips://… and whip://…: URLs of WHIP endpoints. The video is H264
// unless VP8 is asked for.
func openWHIP(u *url.URL, o Options) (pipeline.Exit, error) {
	to := *u
	switch u.Scheme {
	case "whip":
		to.Scheme = "http"
	case "whips":
		to.Scheme = "https"
	}
	if to.Host == "" || to.User != nil {
		return nil, fmt.Errorf("exit %s: write the URL of a WHIP endpoint, https://host/path; a password or token goes beside it", Mask(u))
	}
	to.Fragment = ""
	p := &push{o: o, to: &to}
	if o.Bearer != "" {
		p.token = func() string { return o.Bearer }
	}
	return p, nil
}

// Run implements pipeline.Exit: it pushes until ctx ends, or the endpoint refuses for good.
func (p *push) Run(ctx context.Context, from pipeline.Feed) error {
	transport := p.o.Transport
	if transport == nil {
		t, err := rtc.NewTransport(rtc.DefaultConfig(), rtc.Options{Log: p.o.Log})
		if err != nil {
			return err
		}
		defer t.Close()
		transport = t
	}
	r := &running{
		exit: p, live: make(chan struct{}, 1), status: Status{State: Connecting},
		push: whip.Push{
			Client: &whip.Client{URL: p.to, Token: p.token, Transport: p.http(), Log: p.o.Log}, Transport: transport,
			Codec: cmp.Or(p.o.Codec, pipeline.H264), Trickle: p.o.Trickle, Counters: &rtc.Counters{},
		},
	}
	r.push.Listen = feedSound{from}
	if p.o.PublicOnly {
		r.push.Reach = isPublic
	}
	what := pipeline.Rendition{Codec: r.push.Codec, Form: p.o.Form, MaxBPS: p.o.MaxBPS, KeyEvery: keyEvery}
	r.push.View = feedView{from, what, &r.late}
	r.push.Live = func() { r.live <- struct{}{} }
	return r.run(ctx)
}

// http is what requests go over; nil is the default.
func (p *push) http() http.RoundTripper {
	if p.o.PublicOnly {
		return publicTransport()
	}
	return p.o.HTTP
}

// feedView lets a peer view a session in one rendition.
type feedView struct {
	feed pipeline.Feed
	form pipeline.Rendition
	late *lateness
}

// View implements rtc.Viewable.
func (f feedView) View(out *rtc.Output) (rtc.Viewer, error) {
	return f.feed.View(f.form, timed{out, f.late})
}

// feedSound lets a peer hear a session.
type feedSound struct{ feed pipeline.Feed }

// Listen implements rtc.Listenable.
func (f feedSound) Listen(out *rtc.AudioOutput) (rtc.Listener, error) {
	return f.feed.Listen(soundSink{out})
}

// soundSink is a listener's connection as the pipeline knows it.
type soundSink struct{ out *rtc.AudioOutput }

// WriteSound implements pipeline.SoundSink.
func (s soundSink) WriteSound(p *pipeline.Packet) error { return s.out.WriteSound(p.Opus, p.PTS) }

// running is a push that runs.
type running struct {
	exit *push
	push whip.Push
	live chan struct{} // receives when media begins to flow
	late lateness

	status Status
	since  time.Time // live since then; zero: it is not
	once   bool      // it was live before
	wait   backoff
}

// run makes one session after the other.
func (r *running) run(ctx context.Context) error {
	defer func() { r.tell(Ended, r.status.Message) }()
	r.tell(Connecting, "")
	for {
		err := r.session(ctx)
		if ctx.Err() != nil {
			r.status.Message = ""
			return nil
		}
		if err == nil {
			err = whip.ErrLost
		}
		if r.hopeless(err) {
			r.status.Message = sentence(err)
			return err
		}
		r.tell(Waiting, sentence(err))
		r.exit.o.Log.Info("exit broke off", "to", Mask(r.exit.to), "error", err)
		var least time.Duration
		if refused, ok := errors.AsType[*whip.RefusedError](err); ok {
			least = refused.RetryAfter
		}
		if !r.wait.wait(ctx, least) {
			r.status.Message = ""
			return nil
		}
	}
}

// session is one of them; meanwhile it tells how it goes.
func (r *running) session(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		var err error
		if fault := wall.Run("exit", func() { err = r.push.Run(ctx) }); fault != nil {
			err = fault
		}
		done <- err
	}()
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	r.since = time.Time{}
	for {
		select {
		case <-r.live:
			r.since, r.once = time.Now(), true
			r.tell(Live, "")
		case <-tick.C:
			if !r.since.IsZero() {
				r.tell(Live, "")
			}
		case err := <-done:
			select {
			case <-r.live: // just before it ended
				r.once = true
			default:
			}
			if !r.since.IsZero() && time.Since(r.since) >= settled {
				r.wait.reset()
			}
			return err
		}
	}
}

// hopeless tells whether to give up. What was live before is given up only where its token is not good any more: other
// refusals may be those of a proxy before a server that starts again.
func (r *running) hopeless(err error) bool {
	if errors.Is(err, pipeline.ErrClosed) || errors.Is(err, pipeline.ErrRendition) {
		return true
	}
	refused, ok := errors.AsType[*whip.RefusedError](err)
	if !ok || !refused.Hopeless {
		return false
	}
	return !r.once || refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden
}

func (r *running) tell(s State, message string) {
	n := r.push.Counters.Counts()
	r.status = Status{State: s, Message: message, Bytes: n.Bytes}
	if took, known := r.late.median(time.Now()); known && s == Live {
		r.status.Added = took + n.RoundTrip/2
	}
	r.exit.o.Report(r.status)
}

// sentence is an error as people are told.
func sentence(err error) string {
	text := err.Error()
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
