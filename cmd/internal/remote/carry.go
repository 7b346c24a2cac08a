package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gioconda-live/gioconda/web"
)

// ended is the state of an exit that does not come back, as the interface names it.
const ended = "ended"

// Carry opens a way out of a session, prints to out how it is whenever that changes, and stops it when ctx ends. It fails
// where the server refuses, or the exit ends by itself.
func (s *Server) Carry(ctx context.Context, session string, want *web.ExitRequest, out io.Writer) error {
	made, err := s.StartExit(ctx, session, want)
	if err != nil {
		return err
	}
	err = s.follow(ctx, session, made.ID, &News{Out: out})
	if ctx.Err() == nil {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.StopExit(last, session, made.ID); err != nil {
		return fmt.Errorf("the exit was not stopped: %w", err)
	}
	fmt.Fprintln(out, "stopped")
	return nil
}

// follow prints how an exit is until it ends, which is an error, or ctx does.
func (s *Server) follow(ctx context.Context, session, id string, news *News) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		list, err := s.Exits(ctx, session)
		if err != nil {
			return err
		}
		found := false
		for i := range list {
			if x := &list[i]; x.ID == id {
				found = true
				news.Say(x.State, x.Message)
				if x.State == ended {
					return errors.New(x.Message)
				}
			}
		}
		if !found {
			return errors.New("somebody else has stopped this exit")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// News prints how an exit is, when that changes. It is used by one goroutine at a time.
type News struct {
	Out  io.Writer
	last string
}

// Say prints a state, and a message unless that is empty.
func (n *News) Say(state, message string) {
	text := state
	if message != "" {
		text += ": " + message
	}
	if text != n.last {
		fmt.Fprintln(n.Out, text)
		n.last = text
	}
}
