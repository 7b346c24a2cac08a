package cluster

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/gioconda-live/gioconda/web/access"
)

const (
	maxToken  = 4 << 10 // bytes of one in the bucket
	maxShared = 1000
)

// validToken is an id that a key may be; those that the program makes are.
var validToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// sharedToken is a token in the bucket.
type sharedToken struct {
	Keeper string       `json:"keeper"` // the file that it stands in
	Token  access.Token `json:"token"`
}

// revocation asks to revoke a token of another node.
type revocation struct {
	id   string
	done chan error // room for one
}

// sharing keeps the tokens of all nodes known to all. It is used by one goroutine. nil: there are none.
type sharing struct {
	n      *Node
	kv     jetstream.KeyValue
	seen   jetstream.KeyWatcher
	keeper string
	whole  bool                   // the first values have all come
	known  map[string]sharedToken // in the bucket, by id
	gone   map[string]bool        // revoked: their keys say so
}

func (l *link) shareTokens(ctx context.Context, js jetstream.JetStream) (*sharing, error) {
	n := l.n
	if n.o.Tokens == nil {
		return nil, nil
	}
	kv, err := bucket(ctx, js, tokens())
	if err != nil {
		return nil, err
	}
	seen, err := kv.WatchAll(ctx)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname() // without one the file's path tells alone
	return &sharing{
		n: n, kv: kv, seen: seen, keeper: hex.EncodeToString(derive(n.o.Secret, host+":"+n.o.Tokens.Path())[:8]),
		known: map[string]sharedToken{}, gone: map[string]bool{},
	}, nil
}

func (s *sharing) stop() {
	if s != nil {
		_ = s.seen.Stop()
	}
}

func (s *sharing) updates() <-chan jetstream.KeyValueEntry {
	if s == nil {
		return nil
	}
	return s.seen.Updates()
}

func (s *sharing) revoking() <-chan revocation {
	if s == nil {
		return nil
	}
	return s.n.revokes
}

// see takes what the bucket holds of one token.
func (s *sharing) see(ctx context.Context, e jetstream.KeyValueEntry) error {
	if e == nil {
		s.whole = true
		return s.sync(ctx)
	}
	id := e.Key()
	if e.Operation() != jetstream.KeyValuePut {
		delete(s.known, id)
		if len(s.gone) >= 16*maxShared {
			clear(s.gone)
		}
		s.gone[id] = true
	} else if err := s.learn(id, e.Value()); err != nil {
		s.n.oddOnce("token "+id, err)
		return nil
	}
	if !s.whole {
		return nil
	}
	return s.sync(ctx)
}

// learn believes what the bucket holds of a token that lives.
func (s *sharing) learn(id string, value []byte) error {
	var got sharedToken
	if err := s.n.seals.open("token/"+id, value, maxToken, &got); err != nil {
		return err
	}
	if got.Token.ID != id {
		return errors.New("its id is not that of its key")
	}
	if err := got.Token.Check(); err != nil {
		return err
	}
	if s.known[id].Token.ID == "" && len(s.known) >= maxShared {
		return errors.New("there are too many tokens")
	}
	s.known[id] = got
	delete(s.gone, id)
	return nil
}

// sync has the bucket hold what this node's file holds, and this node know what the bucket holds.
func (s *sharing) sync(ctx context.Context) error {
	if s == nil || !s.whole {
		return nil
	}
	own := map[string]bool{}
	for _, k := range s.n.o.Tokens.Kept() {
		if s.gone[k.ID] { // revoked at another node
			if err := s.n.o.Tokens.Revoke(k.ID); err != nil && !errors.Is(err, access.ErrUnknownToken) {
				s.n.oddOnce("token "+k.ID, err)
			}
			continue
		}
		own[k.ID] = true
		if s.known[k.ID].Token.ID == "" && validToken.MatchString(k.ID) {
			if err := s.put(ctx, k); err != nil {
				return err
			}
		}
	}
	var others []access.Token
	for _, id := range slices.Sorted(maps.Keys(s.known)) {
		switch k := s.known[id]; {
		case own[id]:
		case k.Keeper == s.keeper: // it was revoked here
			if err := s.revoke(ctx, id); err != nil {
				return err
			}
		default:
			others = append(others, k.Token)
		}
	}
	s.n.o.Tokens.Share(others)
	return nil
}

func (s *sharing) put(ctx context.Context, k access.Token) error {
	t := sharedToken{Keeper: s.keeper, Token: k}
	b, err := s.n.seals.seal("token/"+k.ID, t)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	if _, err = s.kv.Put(ctx, k.ID, b); err != nil {
		return fmt.Errorf("sharing a token: %w", err)
	}
	s.known[k.ID] = t
	return nil
}

func (s *sharing) revoke(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	if err := s.kv.Delete(ctx, id); err != nil {
		return fmt.Errorf("revoking a shared token: %w", err)
	}
	delete(s.known, id)
	s.gone[id] = true
	return nil
}

// Revoke ends a token that another node keeps, everywhere. It fails where the cluster is not reached.
func (n *Node) Revoke(id string) error {
	r := revocation{id, make(chan error, 1)}
	select {
	case n.revokes <- r:
	default:
		return errAlone
	}
	return <-r.done
}

var errAlone = errors.New("the cluster is not reached, so a token of another node cannot be revoked here; revoke it there, or later")
