package rtc

import (
	"fmt"
	"sync/atomic"
	"time"
)

// patience is how long a peer waits for its other side; see PeerOptions.
type patience struct {
	connect, silent time.Duration
	since           time.Time    // the peer was made
	up              bool         // it was connected once; owned by run
	last            atomic.Int64 // when RTCP was heard, in nanoseconds from since
}

// heard notes RTCP of the other side.
func (p *patience) heard() { p.last.Store(int64(time.Since(p.since))) }

// over says what was waited for in vain, nil if nothing was. It fails with ErrSilent.
func (p *patience) over(now time.Time, viewed bool) error {
	passed := now.Sub(p.since)
	switch {
	case p.connect > 0 && !p.up && passed > p.connect:
		return fmt.Errorf("%w: no connection within %v", ErrSilent, p.connect)
	case p.silent > 0 && viewed && passed-time.Duration(p.last.Load()) > p.silent:
		return fmt.Errorf("%w: no RTCP for %v", ErrSilent, p.silent)
	}
	return nil
}
