package exits

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// guarded makes a panic in an exit's work the error with which that exit ends. Every goroutine of an exit needs its own.
func guarded(f func() error) (err error) {
	if fault := wall.Run("exit", func() { err = f() }); fault != nil {
		return fault
	}
	return err
}

// run is an exit's life. A fault of the program ends it alone.
func (m *Manager) run(ctx context.Context, exit pipeline.Exit, feed pipeline.Feed, log *slog.Logger) error {
	err := guarded(func() error { return exit.Run(ctx, feed) })
	if fault, ok := errors.AsType[*wall.FaultError](err); ok {
		log.Error("an exit is broken", "error", fault, "stack", fault.Stack)
		m.common.Faulted(fault)
	}
	return err
}

func over(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// managed is an exit and how it is.
type managed struct {
	id, shown  string
	codec      string
	configured bool
	stop       context.CancelFunc

	mu     sync.Mutex // guards status
	status Status
}

// report takes what the exit says of itself.
func (x *managed) report(s Status) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status = s
}

// end notes that Run has returned.
func (x *managed) end(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status.State = Ended
	if err != nil {
		x.status.Message = sentence(err)
	}
}

func (x *managed) exit() Exit {
	x.mu.Lock()
	defer x.mu.Unlock()
	return Exit{ID: x.id, URL: x.shown, Codec: x.codec, Configured: x.configured, Status: x.status}
}
