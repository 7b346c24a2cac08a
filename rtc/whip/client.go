// Package whip sends a session to a WHIP endpoint (RFC 9725): servers, services and rooms that take live video over HTTP and
// WebRTC.
//
// # Decisions
//
// The offer holds all our candidates, since every endpoint takes that; Push.Trickle sends them by PATCH instead, and where
// the endpoint does not take those, the next session's offer is whole again. ICE is never restarted: a lost connection
// becomes a new session. The STUN and TURN servers that an answer names come too late for its own session, and are used by
// the next one, if this one never connected.
//
// Redirects: 307 and 308 with the same method and body, five at most, never from https to http. The bearer goes with a
// redirect, and to the session's own URL, where the host name stays the same, or where both ends speak https, so that it
// was the endpoint itself that named the other host.
//
// Leniency: 200 with an answer is taken for 201; an endpoint that names no session URL gets no DELETE, and ends the session
// when the connection closes; an ETag is sent back as it came, with quotes or without; of Link headers what can be read is used.
package whip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

const (
	maxBody      = 256 << 10        // bytes of an answer
	maxRedirects = 5                // in a row
	answerWithin = 15 * time.Second // each request, with its redirects
	endWithin    = 2 * time.Second  // the DELETE that ends a session

	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"
)

// Client speaks to one endpoint. It may be used again for each session.
type Client struct {
	URL       *url.URL          // http or https
	Token     func() string     // bearer of the next request; nil, or "": none
	Transport http.RoundTripper // nil: http.DefaultTransport
	Log       *slog.Logger      // nil: none
}

// Session is what an endpoint made of an offer.
type Session struct {
	Answer  string          // SDP
	Servers []rtc.ICEServer // that the endpoint names

	client *Client
	at     *url.URL // nil: the endpoint named none
	etag   string   // verbatim; "": none
	bearer bool     // at may hear it
}

// Publish posts an offer. It fails with *RefusedError, as ctx does, or as the network does.
func (c *Client) Publish(ctx context.Context, offer string) (*Session, error) {
	a, err := c.do(ctx, &request{method: http.MethodPost, to: c.URL, kind: typeSDP, body: offer, bearer: true})
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusCreated && a.status != http.StatusOK || !a.isSDP() {
		return nil, c.refusal(a, c.URL)
	}
	s := &Session{
		Answer: string(a.body), Servers: iceServers(a.header.Values("Link")), client: c, etag: a.header.Get("ETag"),
	}
	if location := a.header.Get("Location"); location != "" {
		at, err := a.from.Parse(location)
		if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
			return nil, &RefusedError{Hopeless: true, Message: "The endpoint names a session URL that cannot be used; it is no proper WHIP endpoint."}
		}
		s.at, s.bearer = at, a.bearer && mayHear(a.from, at)
	} else {
		c.log().Info("the endpoint names no session URL; the session ends with its connection")
	}
	return s, nil
}

// Trickle sends an SDP fragment with candidates. It fails as Publish does.
func (s *Session) Trickle(ctx context.Context, fragment string) error {
	if s.at == nil {
		return &RefusedError{Status: http.StatusMethodNotAllowed, Message: "The endpoint names no session URL, so it takes no candidates."}
	}
	a, err := s.client.do(ctx, &request{
		method: http.MethodPatch, to: s.at, kind: typeFragment, body: fragment, etag: s.etag, bearer: s.bearer,
	})
	if err == nil && a.status/100 != 2 {
		err = s.client.refusal(a, s.at)
	}
	return err
}

// End deletes the session, also after ctx has ended, for two seconds at most. One that is gone already is no error.
func (s *Session) End(ctx context.Context) error {
	if s.at == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	a, err := s.client.do(ctx, &request{method: http.MethodDelete, to: s.at, bearer: s.bearer})
	if err == nil && a.status/100 != 2 && a.status != http.StatusNotFound && a.status != http.StatusGone {
		err = s.client.refusal(a, s.at)
	}
	return err
}

// request is one request, with its redirects.
type request struct {
	method, kind, body, etag string
	to                       *url.URL
	bearer                   bool // to may hear it
}

// answer is one answer, as far as it is of use.
type answer struct {
	status int
	header http.Header
	body   []byte
	from   *url.URL
	bearer bool // from has heard it
}

func (a *answer) isSDP() bool {
	return strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.header.Get("Content-Type"))), typeSDP) || bytes.HasPrefix(a.body, []byte("v=0"))
}

// do sends a request, and where it is redirected, sends it there.
func (c *Client) do(ctx context.Context, r *request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	to, bearer := r.to, r.bearer
	for range maxRedirects + 1 {
		a, err := c.send(ctx, r, to, bearer)
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusTemporaryRedirect && a.status != http.StatusPermanentRedirect {
			return a, nil
		}
		next, err := redirect(a)
		if err != nil {
			return nil, err
		}
		bearer = bearer && mayHear(to, next)
		to = next
	}
	return nil, &RefusedError{Hopeless: true, Message: c.URL.Host + " redirects in circles."}
}

// send sends a request once. A transport, unlike http.Client, follows no redirects and puts no URL into its errors.
func (c *Client) send(ctx context.Context, r *request, to *url.URL, bearer bool) (*answer, error) {
	q, err := http.NewRequestWithContext(ctx, r.method, to.String(), strings.NewReader(r.body))
	if err != nil {
		return nil, errors.New("the URL of the endpoint cannot be used") // the error would show it, and it may hold a secret
	}
	q.Header.Set("Accept", typeSDP)
	if r.kind != "" {
		q.Header.Set("Content-Type", r.kind)
	}
	if r.etag != "" {
		q.Header["If-Match"] = []string{r.etag}
	}
	if c.Token != nil && bearer {
		if token := c.Token(); token != "" {
			q.Header.Set("Authorization", "Bearer "+token)
		}
	}
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	p, err := transport.RoundTrip(q)
	if err != nil {
		return nil, inTime(err)
	}
	defer p.Body.Close() //nolint:errcheck // read, or given up
	body, err := io.ReadAll(io.LimitReader(p.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("the answer of %s broke off: %w", to.Host, inTime(err))
	}
	if len(body) > maxBody {
		return nil, &RefusedError{Hopeless: true, Message: fmt.Sprintf("%s answers with more than %d bytes; it is no WHIP endpoint.", to.Host, maxBody)}
	}
	return &answer{status: p.StatusCode, header: p.Header, body: body, from: to, bearer: bearer}, nil
}

// redirect is where an answer of 307 or 308 leads.
func redirect(a *answer) (*url.URL, error) {
	next, err := a.from.Parse(a.header.Get("Location"))
	if err != nil || next.Scheme != "http" && next.Scheme != "https" || next.Host == "" || a.header.Get("Location") == "" {
		return nil, &RefusedError{Status: a.status, Hopeless: true, Message: a.from.Host + " redirects to nowhere."}
	}
	if a.from.Scheme == "https" && next.Scheme == "http" {
		return nil, &RefusedError{Status: a.status, Hopeless: true, Message: a.from.Host + " redirects from https to http, which is not safe."}
	}
	return next, nil
}

// mayHear tells whether the bearer that from was sent may be sent to where from points.
func mayHear(from, to *url.URL) bool {
	if from.Scheme == "https" {
		return to.Scheme == "https"
	}
	return strings.EqualFold(from.Hostname(), to.Hostname())
}

// inTime says what a deadline that has passed means.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the endpoint does not answer in time: %w", err)
	}
	return err
}

func (c *Client) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
