package gate

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// Worker does heavy work one piece at a time, so that all requests together take one core at most, on a thread that gives way. It is
// safe for concurrent use.
type Worker struct {
	turn    chan struct{} // holds one token while nobody works
	waiting atomic.Int32
	queue   int32
	patient time.Duration
}

// NewWorker lets up to queue callers wait for their turn, each for up to patient.
func NewWorker(queue int, patient time.Duration) *Worker {
	w := &Worker{turn: make(chan struct{}, 1), queue: int32(queue), patient: patient} //nolint:gosec // a small number
	w.turn <- struct{}{}
	return w
}

// Do runs f when it is its turn. It fails with ErrBusy where too many wait or the wait is too long, or with ctx's error; then f
// was not run.
func (w *Worker) Do(ctx context.Context, f func()) error {
	if w.waiting.Add(1) > w.queue {
		w.waiting.Add(-1)
		return ErrBusy
	}
	late := time.NewTimer(w.patient)
	defer late.Stop()
	select {
	case <-w.turn:
		w.waiting.Add(-1)
	case <-late.C:
		w.waiting.Add(-1)
		return ErrBusy
	case <-ctx.Done():
		w.waiting.Add(-1)
		return ctx.Err()
	}
	defer func() { w.turn <- struct{}{} }()
	var fault *wall.FaultError
	done := make(chan struct{})
	go func() {
		defer close(done)
		cputime.GiveWay()
		fault = wall.Run("http", f)
	}()
	if <-done; fault != nil {
		panic(fault) // it is the request's
	}
	return nil
}
