package whip

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxRetryAfter bounds what an endpoint may ask for.
const maxRetryAfter = 10 * time.Minute

// RefusedError is an endpoint's refusal.
type RefusedError struct {
	Status     int           // of HTTP; 0: an answer that cannot be used
	Message    string        // one sentence: what is wrong and what to do
	Hopeless   bool          // the same request would be refused again
	RetryAfter time.Duration // that the endpoint asks for; 0: none
}

// Error implements error.
func (e *RefusedError) Error() string { return e.Message }

// refusal makes an error of an answer that is not what was asked for.
func (c *Client) refusal(a *answer, endpoint *url.URL) *RefusedError {
	e := &RefusedError{Status: a.status, RetryAfter: retryAfter(a.header.Get("Retry-After"), time.Now())}
	var text string
	text, e.Hopeless = reaction(a.status)
	if isHTML(a) {
		text += ", with a web page (HTML) instead of an answer"
		if a.status/100 == 2 {
			text, e.Hopeless = "answers with a web page (HTML): it is no WHIP endpoint; check the URL", true
		}
	} else if said := c.hide(excerpt(a)); said != "" {
		text += `; it says "` + said + `"`
	}
	e.Message = fmt.Sprintf("%s %s.", endpoint.Host, text)
	return e
}

// hide takes the token out of what an endpoint says.
func (c *Client) hide(text string) string {
	if c.Token == nil || c.Token() == "" {
		return text
	}
	return strings.ReplaceAll(text, c.Token(), "…")
}

// reaction says what an HTTP status means for who pushes, and whether it is hopeless to try again.
func reaction(status int) (text string, hopeless bool) {
	switch status {
	case http.StatusBadRequest:
		return "does not understand the offer (400); try another codec, and check the URL", true
	case http.StatusUnauthorized:
		return "does not accept the token (401); give a valid one", true
	case http.StatusForbidden:
		return "does not allow this (403); the token lacks the right to publish here", true
	case http.StatusNotFound, http.StatusGone:
		return fmt.Sprintf("has nothing there (%d); check the URL", status), true
	case http.StatusMethodNotAllowed:
		return "takes no POST there (405); the URL is not that of a WHIP endpoint", true
	case http.StatusNotAcceptable, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return fmt.Sprintf("does not take what is offered (%d); try another codec", status), true
	case http.StatusRequestEntityTooLarge:
		return "finds the offer too large (413)", true
	case http.StatusConflict:
		return "is taken by another stream (409)", false
	case http.StatusTooManyRequests:
		return "asks for fewer attempts (429)", false
	case http.StatusServiceUnavailable:
		return "is overloaded or not ready (503)", false
	}
	switch status / 100 {
	case 2:
		return fmt.Sprintf("answers %d without a session description: it is no WHIP endpoint; check the URL", status), true
	case 3:
		return fmt.Sprintf("redirects in a way that WHIP forbids (%d); give the URL where it leads to", status), true
	case 4:
		return fmt.Sprintf("refuses (%d)", status), status != http.StatusRequestTimeout && status != http.StatusTooEarly
	}
	return fmt.Sprintf("has a fault of its own (%d)", status), false
}

func isHTML(a *answer) bool {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	head := bytes.ToLower(bytes.TrimSpace(a.body[:min(len(a.body), 256)]))
	return kind == "text/html" || kind != typeSDP && (bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html")))
}

// excerpt is the beginning of what an endpoint says to people, "" if it is not text.
func excerpt(a *answer) string {
	const most = 160
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	isText := strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == typeSDP && a.status/100 != 2
	if !isText {
		return ""
	}
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, string(a.body[:min(len(a.body), most)]))
	return strings.TrimRight(strings.Join(strings.Fields(text), " "), ".\ufffd")
}

// retryAfter reads the header, seconds or a date, leniently.
func retryAfter(text string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		d = time.Duration(min(n, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return max(0, min(d, maxRetryAfter))
}
