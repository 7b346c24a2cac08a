package live

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/cmd/internal/cluster"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// shared is what this server gives others of its gallery, and has from theirs. Methods are safe for concurrent use.
type shared struct {
	store *persona.Store
	model *portrait.Model // nil: none
	log   *slog.Logger
	node  *cluster.Node

	mu      sync.Mutex // guards the following
	hashed  map[string]hashed
	fetched []fetched // the one used last at the end
	coming  map[string]chan struct{}
}

// hashed is what a persona of the gallery was when it was read.
type hashed struct {
	version string
	persona cluster.Persona
}

// fetched is a persona of another server.
type fetched struct {
	hash    string
	persona *persona.Persona
}

const (
	maxFetched = 16
	maxHashed  = 1000
	maxShared  = 32 << 20 // bytes of a file
)

var _ cluster.Gallery = (*shared)(nil)

func newShared(store *persona.Store, model *portrait.Model, log *slog.Logger) *shared {
	return &shared{store: store, model: model, log: log, hashed: map[string]hashed{}, coming: map[string]chan struct{}{}}
}

// Find implements cluster.Gallery.
func (g *shared) Find(id, hash string) (cluster.Persona, bool) {
	if id != "" {
		return g.hash(id)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range g.hashed {
		if h.persona.Hash == hash {
			return h.persona, true
		}
	}
	return cluster.Persona{}, false
}

// hash reads a file of the gallery to its end, or remembers it. Built-in ones every server has.
func (g *shared) hash(id string) (cluster.Persona, bool) {
	if g.store.Builtin(id) {
		return cluster.Persona{}, false
	}
	version, err := g.store.Version(id)
	if err != nil {
		return cluster.Persona{}, false
	}
	g.mu.Lock()
	h, ok := g.hashed[id]
	g.mu.Unlock()
	if ok && h.version == version {
		return h.persona, true
	}
	f, err := g.store.File(id)
	if err != nil {
		return cluster.Persona{}, false
	}
	defer f.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(f, maxShared+1))
	if err != nil || n > maxShared {
		return cluster.Persona{}, false
	}
	h = hashed{version, cluster.Persona{Hash: hex.EncodeToString(sum.Sum(nil)), Bytes: n}}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.hashed) >= maxHashed {
		clear(g.hashed)
	}
	g.hashed[id] = h
	return h.persona, true
}

// Open implements cluster.Gallery.
func (g *shared) Open(hash string) (io.ReadCloser, error) {
	g.mu.Lock()
	id := ""
	for name, h := range g.hashed {
		if h.persona.Hash == hash {
			id = name
		}
	}
	g.mu.Unlock()
	if now, ok := g.hash(id); id == "" || !ok || now.Hash != hash {
		return nil, errors.New("there is no such persona any more")
	}
	return g.store.File(id)
}

// get gives a persona that the gallery of home shows under an id, or that this server lacks; nil where this server's own is meant,
// or nobody has it.
func (g *shared) get(ctx context.Context, id, home string) *persona.Persona {
	foreign := home != "" && home != g.node.ID()
	if g.store.Builtin(id) {
		return nil
	}
	_, missing := g.store.Version(id)
	if !foreign && missing == nil {
		return nil
	}
	want, node, err := g.node.Find(ctx, id, home)
	if err != nil {
		return nil
	}
	if own, ok := g.hash(id); ok && own.Hash == want.Hash {
		return nil
	}
	p, err := g.bring(ctx, want, node)
	if err != nil {
		g.log.Warn("a persona of another server does not come", "persona", id, "node", node, "error", err)
		return nil
	}
	return p
}

// bring fetches a persona, once for all who ask at a time.
func (g *shared) bring(ctx context.Context, want cluster.Persona, node string) (*persona.Persona, error) {
	for {
		g.mu.Lock()
		if i := slices.IndexFunc(g.fetched, func(f fetched) bool { return f.hash == want.Hash }); i >= 0 {
			f := g.fetched[i]
			g.fetched = append(slices.Delete(g.fetched, i, i+1), f)
			g.mu.Unlock()
			return f.persona, nil
		}
		wait := g.coming[want.Hash]
		if wait == nil {
			g.coming[want.Hash] = make(chan struct{})
			g.mu.Unlock()
			break
		}
		g.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	p, err := g.fetch(ctx, want, node)
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.coming[want.Hash])
	delete(g.coming, want.Hash)
	if err == nil {
		g.fetched = append(g.fetched, fetched{want.Hash, p})
		g.fetched = g.fetched[max(0, len(g.fetched)-maxFetched):]
	}
	return p, err
}

// fetch reads a persona as one that strangers send, and has the learned layer look at it. The other server has asked for the
// attestation. Its id is one that no gallery gives, so that it is not taken for one of ours.
func (g *shared) fetch(ctx context.Context, want cluster.Persona, node string) (*persona.Persona, error) {
	file, err := g.node.Fetch(ctx, want, node)
	if err != nil {
		return nil, err
	}
	p, err := persona.ReadForeign(bytes.NewReader(file), true)
	if err != nil {
		return nil, err
	}
	p.Manifest.ID = "." + want.Hash
	if whole, err := compositor.KeepAppearance(g.model, p); err == nil {
		p = whole
	} else {
		g.log.Warn("the learned layer cannot look at a persona", "node", node, "error", err)
	}
	return p, nil
}
