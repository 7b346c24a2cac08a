package rtc

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLog lends our logger to Pion, one level quieter: what it calls a warning is mostly the weather.
type pionLog struct{ log *slog.Logger }

var (
	_ logging.LoggerFactory = pionLog{}
	_ logging.LeveledLogger = pionLog{}
)

// NewLogger implements logging.LoggerFactory.
func (l pionLog) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{log: l.log.With("pion", scope)}
}

func (l pionLog) printf(level slog.Level, format string, args []any) {
	ctx := context.Background()
	if l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, fmt.Sprintf(format, args...))
	}
}

const levelTrace = slog.LevelDebug - 4

func (l pionLog) Trace(msg string)               { l.printf(levelTrace, "%s", []any{msg}) }
func (l pionLog) Tracef(format string, a ...any) { l.printf(levelTrace, format, a) }
func (l pionLog) Debug(msg string)               { l.printf(levelTrace, "%s", []any{msg}) }
func (l pionLog) Debugf(format string, a ...any) { l.printf(levelTrace, format, a) }
func (l pionLog) Info(msg string)                { l.printf(slog.LevelDebug, "%s", []any{msg}) }
func (l pionLog) Infof(format string, a ...any)  { l.printf(slog.LevelDebug, format, a) }
func (l pionLog) Warn(msg string)                { l.printf(slog.LevelDebug, "%s", []any{msg}) }
func (l pionLog) Warnf(format string, a ...any)  { l.printf(slog.LevelDebug, format, a) }
func (l pionLog) Error(msg string)               { l.printf(slog.LevelWarn, "%s", []any{msg}) }
func (l pionLog) Errorf(format string, a ...any) { l.printf(slog.LevelWarn, format, a) }
