package logs

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnHourOfAttack: whatever strangers cause, an hour of it is a log of less than 10 MB.
func TestAnHourOfAttack(t *testing.T) {
	for name, say := range map[string]func(*slog.Logger, int){
		"one message": func(l *slog.Logger, _ int) { l.Info("refused", "path", strings.Repeat("x", 4000)) },
		"an error":    func(l *slog.Logger, _ int) { l.Error("failed", "error", errors.New(strings.Repeat("x", 4000))) },
		"many messages": func(l *slog.Logger, i int) {
			l.Warn(strings.Repeat("m", i%1000), "who", slog.GroupValue(slog.String("agent", strings.Repeat("x", 4000))))
		},
		"with attributes": func(l *slog.Logger, i int) { l.With("from", strings.Repeat("y", 4000), "i", i).Info("comes") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var b counter
				log := slog.New(Limit(slog.NewTextHandler(&b, nil)))
				for i := range 36_000 {
					say(log, i)
					time.Sleep(100 * time.Millisecond)
				}
				if b.bytes == 0 || b.bytes > 10<<20 {
					t.Errorf("%d bytes in an hour", b.bytes)
				}
			})
		})
	}
}

type counter struct{ bytes int }

func (c *counter) Write(b []byte) (int, error) { c.bytes += len(b); return len(b), nil }

// TestWhatPasses: a few lines are all written, a flood is thinned and says so, one message does not silence another.
func TestWhatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		log := slog.New(Limit(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
		for range burst + 30 {
			log.Info("flood")
		}
		if got := strings.Count(b.String(), "flood"); got != burst {
			t.Errorf("%d of %d lines of a flood, want %d", got, burst+30, burst)
		}
		log.Info("another", "n", 1)
		if !strings.Contains(b.String(), "another") {
			t.Error("a flood of one message silenced another")
		}
		time.Sleep(2 * time.Second)
		b.Reset()
		log.With("a", 1).WithGroup("g").Info("flood", "b", 2)
		if got := b.String(); !strings.Contains(got, "left_out=30") || !strings.Contains(got, "g.b=2") {
			t.Errorf("after a flood: %q, want what was left out", got)
		}
		b.Reset()
		for range 100 {
			log.Debug("detail")
		}
		if got := strings.Count(b.String(), "detail"); got != 100 {
			t.Errorf("%d of 100 debug lines", got)
		}
	})
}
