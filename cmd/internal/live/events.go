package live

import (
	"context"
	"errors"
	"math"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
	"github.com/gioconda-live/gioconda/rtc"
)

// failed counts a picture that the learned layer could not paint. It does not block.
func (s *session) failed(err error) {
	if s.faults.Add(1) == 1 {
		s.fault <- err
	}
}

// tell passes the driver's notices, and the learned layer's first failure, on to the browser until ctx ends.
func (s *session) tell(ctx context.Context, notices <-chan drive.Notice) {
	for {
		select {
		case <-ctx.Done():
			return
		case err := <-s.fault:
			s.host.log.Warn("the learned layer failed; the geometric one shows alone", "session", s.id, "generator", s.host.engine.Name, "error", err)
			s.event(map[string]any{"event": "generator_fault", "message": faultMessage})
		case n := <-notices:
			s.event(eventOf(n))
		}
	}
}

const faultMessage = "The learned layer could not paint a picture; the geometric layer showed it alone. The server's log says why."

// eventOf is a notice as the browser hears it: under its own name, save that a neutral is a calibration that nobody asked for.
func eventOf(n drive.Notice) map[string]any {
	switch n.Event {
	case retarget.EventNeutral, retarget.EventCalibrated:
		return map[string]any{"event": retarget.EventCalibrated.String(), "auto": n.Event == retarget.EventNeutral}
	case retarget.EventDrift:
		return map[string]any{"event": n.Event.String(), "degrees": math.Round(10*n.Degrees) / 10}
	default:
		return map[string]any{"event": n.Event.String()}
	}
}

// event is best effort: a browser that is away hears nothing.
func (s *session) event(v map[string]any) {
	if to := s.events.Load(); to != nil {
		if err := to.Send(v); err != nil && !errors.Is(err, rtc.ErrClosed) {
			s.host.log.Debug("telling the browser", "event", v["event"], "error", err)
		}
	}
}
