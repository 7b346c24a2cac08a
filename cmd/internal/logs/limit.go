// Package logs keeps a log readable and small, whatever strangers do.
package logs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How much is written. An hour of attack is then less than 10 MB: 5 lines of 500 bytes a second.
const (
	burst       = 20 // lines of one message at once,
	perSecond   = 1  // and on and on
	burstAll    = 200
	perSecAll   = 5
	longest     = 300 // bytes of a text in a line
	maxMessages = 256 // that are told apart; others share a place
)

// Limit writes to next what people can read: of one message a few lines a second, and so many of all; the next line
// that is written of a message says how many were left out. Texts are cut. Lines below Info pass as they are: who asks for
// them wants all.
func Limit(next slog.Handler) slog.Handler {
	return &limiter{next: next, shared: &shared{messages: map[string]*gauge{}}}
}

type limiter struct {
	next slog.Handler
	*shared
}

// shared is the same for all handlers that With and WithGroup made.
type shared struct {
	mu       sync.Mutex // guards the following
	all      gauge
	messages map[string]*gauge
}

// gauge is a token bucket of lines; the zero value is full.
type gauge struct {
	spent   float64 // tokens
	last    time.Time
	skipped int // lines
}

// pass takes a token if there is one.
func (g *gauge) pass(now time.Time, rate, most float64) bool {
	if d := now.Sub(g.last); d > 0 {
		g.spent = max(0, g.spent-d.Seconds()*rate)
		g.last = now
	}
	if g.spent+1 > most {
		return false
	}
	g.spent++
	return true
}

// Enabled implements slog.Handler.
func (l *limiter) Enabled(ctx context.Context, level slog.Level) bool {
	return l.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (l *limiter) Handle(ctx context.Context, r slog.Record) error { //nolint:gocritic // the interface wants a value
	if r.Level < slog.LevelInfo {
		return l.next.Handle(ctx, r)
	}
	skipped, ok := l.admit(r.Message, r.Time)
	if !ok {
		return nil
	}
	short := slog.NewRecord(r.Time, r.Level, cut(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		short.AddAttrs(cutAttr(a))
		return true
	})
	if skipped > 0 {
		short.AddAttrs(slog.Int("left_out", skipped))
	}
	return l.next.Handle(ctx, short)
}

// WithAttrs implements slog.Handler.
func (l *limiter) WithAttrs(attrs []slog.Attr) slog.Handler {
	short := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		short[i] = cutAttr(a)
	}
	return &limiter{l.next.WithAttrs(short), l.shared}
}

// WithGroup implements slog.Handler.
func (l *limiter) WithGroup(name string) slog.Handler {
	return &limiter{l.next.WithGroup(name), l.shared}
}

// admit tells whether a line may be written, and how many of its message were not since the last that was.
func (s *shared) admit(message string, now time.Time) (skipped int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.messages[message]
	if g == nil {
		if len(s.messages) >= maxMessages {
			message = ""
		}
		if g = s.messages[message]; g == nil {
			g = &gauge{}
			s.messages[message] = g
		}
	}
	if !g.pass(now, perSecond, burst) || !s.all.pass(now, perSecAll, burstAll) {
		g.skipped++
		return 0, false
	}
	skipped, g.skipped = g.skipped, 0
	return skipped, true
}

// cutAttr cuts the texts of an attribute, which may be a stranger's.
func cutAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, cut(v.String()))
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			return slog.String(a.Key, cut(err.Error()))
		}
	case slog.KindGroup:
		var in []any
		for _, b := range v.Group() {
			in = append(in, cutAttr(b))
		}
		return slog.Group(a.Key, in...)
	}
	return a
}

func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	return s[:longest] + "…"
}
