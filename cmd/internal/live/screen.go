package live

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// screen shows one session at a time on one exit: the newest that lives. Methods are safe for concurrent use, also on nil,
// which shows nothing.
type screen struct {
	exit pipeline.Exit
	only string // the only session that it shows; "": any
	log  *slog.Logger

	mu    sync.Mutex // guards the following; held while one session takes another's place
	feeds []shown    // those that live, the newest last
	on    pipeline.Feed
	stop  func() // ends what is on, and waits
}

// shown is a session that may be shown.
type shown struct {
	name string
	feed pipeline.Feed
}

// opened takes a session.
func (s *screen) opened(name string, feed pipeline.Feed) {
	if s == nil || s.only != "" && s.only != name {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds = append(s.feeds, shown{name, feed})
	s.turn()
}

// closed lets go of one, before it ends.
func (s *screen) closed(name string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds = slices.DeleteFunc(s.feeds, func(f shown) bool { return f.name == name })
	s.turn()
}

// turn shows the newest session. mu is held.
func (s *screen) turn() {
	var newest pipeline.Feed
	if n := len(s.feeds); n > 0 {
		newest = s.feeds[n-1].feed
	}
	if newest == s.on {
		return
	}
	if s.stop != nil {
		s.stop()
	}
	s.on, s.stop = newest, nil
	if newest == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		var err error
		if fault := wall.Run("screen", func() { err = s.exit.Run(ctx, newest) }); fault != nil {
			err = fault
		}
		if err != nil {
			s.log.Warn("the virtual camera cannot show the session", "error", err)
		}
	}()
	s.stop = func() { cancel(); <-done }
}
