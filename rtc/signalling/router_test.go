package signalling

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// leavingRouter knows of no other server; this one leaves once its channel is closed.
type leavingRouter chan struct{}

func (leavingRouter) Node() string                                   { return "here" }
func (leavingRouter) Elsewhere(context.Context, Visit) (Place, bool) { return Place{}, false }
func (leavingRouter) Nodes(context.Context, Visit) []Place           { return nil }
func (r leavingRouter) Leaving() <-chan struct{}                     { return r }

// TestNobodyIsAwaitedWhereAllLeave: a server that leaves keeps no session for a browser that has gone, as it does before.
func TestNobodyIsAwaitedWhereAllLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := leavingRouter(make(chan struct{}))
		s := newStand(t, func(u *setup) { u.options.Router = r })
		first, second := s.dial().greet(nil).connect(), s.dial().greet(nil).connect()
		first.close()
		time.Sleep(s.srv.cfg.Grace / 3)
		if n := s.srv.Sessions(); n != 2 {
			t.Errorf("%d sessions, one of which waits for its browser; want 2", n)
		}
		close(r)
		second.close()
		time.Sleep(s.srv.cfg.Grace / 3)
		if n := s.srv.Sessions(); n != 1 {
			t.Errorf("%d sessions, want that alone which waited before", n)
		}
	})
}
