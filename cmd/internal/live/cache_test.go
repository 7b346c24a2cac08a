package live

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/persona"
)

// A persona is prepared once for all who want it; nobody waits for another one, and nobody has to wait.
func TestPersonasAreMadeReadyOnce(t *testing.T) {
	d := openServer(t, engine.Small)
	lisa, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	first, second := *lisa, *lisa // without what the learned layer found, so that it looks again
	first.Sections, second.Sections = nil, nil
	keeping, kept := make(chan struct{}), make(chan struct{})
	var whole *persona.Persona
	cache := compositor.NewCache(d.o.Engine.Mesh, d.engine.Model, func(p, with *persona.Persona) *persona.Persona {
		if p == &first {
			close(keeping)
			<-kept
			whole = with
		}
		return with
	})
	defer cache.Close()
	open := func(p *persona.Persona) {
		if sub, failed := cache.Open(t.Context(), p); failed != nil {
			t.Error(failed)
		} else {
			sub.Close()
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { open(&first) })
	}
	<-keeping // the first persona is being prepared, for as long as its file takes to be written
	open(&second)
	bare, err := cache.OpenWith(t.Context(), &first, compositor.Options{})
	if err != nil {
		t.Errorf("without the learned layer, which is not ready: %v", err)
	} else {
		bare.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err = cache.Open(ctx, &first); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("leaving while it is prepared: %v", err)
	}
	close(kept)
	wg.Wait()
	open(&first)
	open(whole)
	if n := cache.Prepared(); n != 2 {
		t.Errorf("%d personas are ready, want 2", n)
	}
	cache.Close()
	if _, err = cache.Open(t.Context(), &first); !errors.Is(err, compositor.ErrClosed) {
		t.Errorf("a closed cache: %v", err)
	}
}

// Many personas come and go; the last few stay, and one that cannot be drawn takes no place.
func TestOldPersonasAreForgotten(t *testing.T) {
	testenv.Full(t)
	d := openServer(t, engine.MeshOnly)
	lisa, err := d.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	cache := compositor.NewCache(d.o.Engine.Mesh, nil, nil)
	defer cache.Close()
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			p := *lisa
			if sub, failed := cache.Open(t.Context(), &p); failed != nil {
				t.Error(failed)
			} else {
				sub.Close()
			}
		})
	}
	wg.Wait()
	if _, err = cache.Open(t.Context(), &persona.Persona{}); err == nil {
		t.Error("an empty persona is drawn")
	}
	p := *lisa
	sub, err := cache.Open(t.Context(), &p)
	if err != nil {
		t.Fatal(err)
	}
	sub.Close()
	if n := cache.Prepared(); n != 8 {
		t.Errorf("%d personas are ready, want 8", n)
	}
}
