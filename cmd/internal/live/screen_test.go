package live

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gioconda-live/gioconda/pipeline"
)

// named is a feed that an exit knows by its name.
type named struct {
	pipeline.Feed
	name string
}

// stage writes down what is shown on it.
type stage struct {
	heard []string
	fault error
}

func (s *stage) Run(ctx context.Context, from pipeline.Feed) error {
	s.heard = append(s.heard, "+"+from.(*named).name)
	if s.fault != nil {
		return s.fault
	}
	<-ctx.Done()
	s.heard = append(s.heard, "-"+from.(*named).name)
	return nil
}

// TestTheNewestSessionIsShown: one at a time, the newest that lives.
func TestTheNewestSessionIsShown(t *testing.T) {
	for only, want := range map[string][]string{
		"":    {"+ann", "-ann", "+bob", "-bob", "+ann", "-ann"},
		"bob": {"+bob", "-bob"},
		"eve": nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			on := &stage{}
			s := &screen{exit: on, only: only, log: slog.New(slog.DiscardHandler)}
			for _, name := range []string{"ann", "bob"} {
				s.opened(name, &named{name: name})
				synctest.Wait()
			}
			for _, name := range []string{"bob", "nobody", "ann"} {
				s.closed(name)
				synctest.Wait()
			}
			if !slices.Equal(on.heard, want) {
				t.Errorf("only %q: %q", only, on.heard)
			}
		})
	}
	var none *screen
	none.opened("ann", &named{})
	none.closed("ann")
}

// TestAnExitThatFails is said, and the next session is tried.
func TestAnExitThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		on := &stage{fault: errors.New("no room")}
		s := &screen{exit: on, log: slog.New(slog.NewTextHandler(&said, nil))}
		s.opened("ann", &named{name: "ann"})
		synctest.Wait()
		s.opened("bob", &named{name: "bob"})
		s.closed("ann")
		s.closed("bob")
		if !slices.Equal(on.heard, []string{"+ann", "+bob"}) || strings.Count(said.String(), "no room") != 2 {
			t.Errorf("%q: %s", on.heard, said.String())
		}
	})
}
