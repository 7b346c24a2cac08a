package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/temporary"
)

// Tokens is the file in which tokens are kept: one JSON object a line, readable by its owner alone. A program that serves
// and one that changes the file may run at once. Methods are safe for concurrent use.
type Tokens struct {
	path string

	mu     sync.Mutex // guards the following
	tokens []Token
	shared []Token               // of other servers
	revoke func(id string) error // one of those; nil: none can be
	seen   stamp
	held   map[string]*hold // by token id: what ends when the token does
}

// stamp tells one state of the file from another.
type stamp struct {
	at   time.Time
	size int64
	node uint64
}

// hold is the life of a token that somebody uses.
type hold struct {
	over chan struct{}
	end  func() // closes over, once
}

// lookEvery is how often Follow looks whether the file has changed: a token that is revoked by another program is
// good for no longer than this.
const lookEvery = time.Second

// ErrUnknownToken says that there is no token of an id.
var ErrUnknownToken = errors.New("there is no such token; `gioconda token list` shows them")

// OpenTokens reads the file at path; none is no token. It fails with the number of a line that cannot be used.
func OpenTokens(path string) (*Tokens, error) {
	temporary.Sweep(filepath.Dir(path))
	t := &Tokens{path: path, held: map[string]*hold{}}
	if err := t.reload(); err != nil {
		return nil, err
	}
	return t, nil
}

// Len counts the tokens, expired ones too.
func (t *Tokens) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.tokens)
}

// List returns the tokens in the order in which they were made, without their hashes.
func (t *Tokens) List() []Token {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := slices.Concat(t.tokens, t.shared)
	for i := range list {
		list[i].Hash = ""
	}
	return list
}

// Path is the file.
func (t *Tokens) Path() string { return t.path }

// Kept returns the tokens of the file, with their hashes.
func (t *Tokens) Kept() []Token {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.tokens)
}

// Share makes the tokens of other servers good here too; the newest list counts, and what it lacks ends.
func (t *Tokens) Share(list []Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shared = slices.Clone(list)
	t.endDead()
}

// RevokeShared has Revoke end tokens of other servers by f.
func (t *Tokens) RevokeShared(f func(id string) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.revoke = f
}

// Create makes a token of what is wanted (ID, Hash and Created are set here) and returns its secret, which is kept
// nowhere. It fails with a sentence where what is wanted makes no sense, or as the disk does.
func (t *Tokens) Create(want Token) (secret string, made Token, err error) {
	now := time.Now().UTC().Truncate(time.Second)
	if err = want.check(now); err != nil {
		return "", Token{}, err
	}
	secret, want.ID, err = mint(rand.Reader)
	if err != nil {
		return "", Token{}, err
	}
	want.Hash, want.Created = hashOf(secret), now
	err = t.change(func(list []Token) ([]Token, error) {
		if len(list) >= maxTokens {
			return nil, fmt.Errorf("there are %d tokens already; revoke some", len(list))
		}
		return append(list, want), nil
	})
	want.Hash = ""
	return secret, want, err
}

// Revoke ends a token, and all that was let in with it, at once. It fails with ErrUnknownToken, or as the disk does.
func (t *Tokens) Revoke(id string) error {
	t.mu.Lock()
	elsewhere := t.revoke
	shared := elsewhere != nil && slices.ContainsFunc(t.shared, func(k Token) bool { return k.ID == id })
	t.mu.Unlock()
	if shared {
		return elsewhere(id)
	}
	return t.change(func(list []Token) ([]Token, error) {
		i := slices.IndexFunc(list, func(k Token) bool { return k.ID == id })
		if i < 0 {
			return nil, ErrUnknownToken
		}
		return slices.Delete(list, i, i+1), nil
	})
}

// Follow looks for changes that other programs make to the file, and for tokens that expire, until ctx ends. A file that
// cannot be read changes nothing, and is told to failed, once for each fault.
func (t *Tokens) Follow(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var told string
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := t.look()
		switch {
		case err == nil:
			told = ""
		case err.Error() != told:
			told = err.Error()
			failed(err)
		}
	}
}

func (t *Tokens) look() error {
	now, err := stampOf(t.path)
	t.mu.Lock()
	same := now == t.seen
	t.mu.Unlock()
	if err == nil && !same {
		err = t.reload()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.endDead()
	return err
}

// find returns the token of a secret, and a channel that is closed when it ends. All are compared, each in constant time.
func (t *Tokens) find(secret string) (found Token, over <-chan struct{}, ok bool) {
	hash := []byte(hashOf(secret))
	t.mu.Lock()
	defer t.mu.Unlock()
	at := -1
	all := t.all()
	for i := range all {
		if subtle.ConstantTimeCompare(hash, []byte(all[i].Hash)) == 1 {
			at = i
		}
	}
	if at < 0 || !all[at].live(time.Now()) {
		return Token{}, nil, false
	}
	return all[at], t.hold(all[at].ID), true
}

// all are the tokens of the file and those of other servers. mu is held.
func (t *Tokens) all() []Token {
	if len(t.shared) == 0 {
		return t.tokens
	}
	return slices.Concat(t.tokens, t.shared)
}

// hold gives what is closed when a token ends. mu is held.
func (t *Tokens) hold(id string) <-chan struct{} {
	h := t.held[id]
	if h == nil {
		c := make(chan struct{})
		h = &hold{over: c, end: sync.OnceFunc(func() { close(c) })}
		t.held[id] = h
	}
	return h.over
}

// lives tells whether there is a token of an id that has not expired, and gives what is closed when it ends.
func (t *Tokens) lives(id string) (over <-chan struct{}, ok bool) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.ContainsFunc(t.all(), func(k Token) bool { return k.ID == id && k.live(now) }) {
		return nil, false
	}
	return t.hold(id), true
}

// endDead ends what was let in with tokens that are gone or have expired. mu is held.
func (t *Tokens) endDead() {
	now := time.Now()
	all := t.all()
	for id, h := range t.held {
		if !slices.ContainsFunc(all, func(k Token) bool { return k.ID == id && k.live(now) }) {
			h.end()
			delete(t.held, id)
		}
	}
}

// reload reads the file.
func (t *Tokens) reload() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.read()
}

// read is reload with mu held.
func (t *Tokens) read() error {
	seen, err := stampOf(t.path)
	if err != nil {
		return err
	}
	var list []Token
	f, err := os.Open(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("tokens: %w", err)
	default:
		list, err = parseTokens(f)
		_ = f.Close() // read only
		if err != nil {
			return fmt.Errorf("tokens: %s, %w", t.path, err)
		}
	}
	t.tokens, t.seen = list, seen
	t.endDead()
	return nil
}

// change reads the file anew, changes the list, and writes it, while no other program does.
func (t *Tokens) change(how func([]Token) ([]Token, error)) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err = os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	lock, err := os.OpenFile(t.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }() // which also unlocks
	if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("tokens: locking %s: %w", lock.Name(), err)
	}
	if err = t.read(); err != nil {
		return err
	}
	list, err := how(slices.Clone(t.tokens))
	if err != nil {
		return err
	}
	if err = writeTokens(t.path, list); err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	return t.read()
}
