package cluster

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Persona is one that a node has.
type Persona struct {
	Hash  string `json:"hash"` // SHA-256 of its file, hexadecimal
	Bytes int64  `json:"bytes"`
}

// Gallery is what other nodes may ask of this one's personas. It is used by many goroutines.
type Gallery interface {
	// Find gives a persona by its id, or where that is empty, by its hash.
	Find(id, hash string) (Persona, bool)
	// Open gives the file that Find has found; the caller closes it.
	Open(hash string) (io.ReadCloser, error)
}

const (
	findSubject = "gioconda.find"
	findIn      = 700 * time.Millisecond // a persona, by all nodes
	fetchIn     = 15 * time.Second       // its file
	maxFind     = 2 << 10                // bytes of a question or an answer
	maxFile     = 32 << 20               // bytes of a persona file
	maxFetches  = 4                      // files that others read from this node at once
)

// question asks who has a persona.
type question struct {
	ID    string `json:"id,omitempty"`
	Hash  string `json:"hash,omitempty"`
	Home  string `json:"home,omitempty"` // the only node that is asked; "": all
	From  string `json:"from"`
	Nonce string `json:"nonce"`
}

// found answers it.
type found struct {
	Persona
	Node string `json:"node"`
}

var validHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// answer tells who asks that this node has a persona; a node that has it not is silent.
func (l *link) answer(m *nats.Msg) {
	n := l.n
	var q question
	if n.seals.open("find", m.Data, maxFind, &q) != nil || len(q.ID) > 128 || q.From == n.id || q.Home != "" && q.Home != n.id {
		return
	}
	p, ok := n.o.Gallery.Find(q.ID, q.Hash)
	if !ok {
		return
	}
	b, err := n.seals.seal("found/"+q.Nonce, found{p, n.id})
	if err == nil {
		_ = m.Respond(b) // who asked asks again
	}
}

// ErrNowhere says that no node has a persona.
var ErrNowhere = errors.New("no node of the cluster has it")

// Find looks for a persona by its id in the gallery of one node, and where that does not answer in all.
func (n *Node) Find(ctx context.Context, id, home string) (Persona, string, error) {
	if home == n.id {
		home = ""
	}
	if home != "" {
		if p, node, err := n.find(ctx, question{ID: id, Home: home}); err == nil {
			return p, node, nil
		}
	}
	return n.find(ctx, question{ID: id})
}

// find asks once.
func (n *Node) find(ctx context.Context, q question) (Persona, string, error) {
	l := n.link.Load()
	if l == nil || !n.Up() {
		return Persona{}, "", ErrNowhere
	}
	q.From, q.Nonce = n.id, rand.Text()
	b, err := n.seals.seal("find", q)
	if err != nil {
		return Persona{}, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, findIn)
	defer cancel()
	m, err := l.nc.RequestWithContext(ctx, findSubject, b)
	if err != nil {
		return Persona{}, "", ErrNowhere
	}
	var f found
	err = n.seals.open("found/"+q.Nonce, m.Data, maxFind, &f)
	if err == nil && (!validHash.MatchString(f.Hash) || f.Bytes <= 0 || f.Bytes > maxFile) {
		err = errors.New("its hash or length cannot be")
	}
	if err != nil {
		return Persona{}, "", fmt.Errorf("looking for a persona: %w", err)
	}
	return f.Persona, f.Node, nil
}

// fetch is the right to read one file.
type fetch struct {
	Hash  string `json:"hash"`
	To    string `json:"to"`
	Until int64  `json:"x"` // as of a ticket
}

// Fetch reads the file of a persona from a node, and checks that it is what its hash says.
func (n *Node) Fetch(ctx context.Context, p Persona, node string) ([]byte, error) {
	peer, ok := n.Peer(node)
	if !ok {
		return nil, ErrNowhere
	}
	pass, err := n.seals.pass("fetch", fetch{p.Hash, peer.ID, n.o.now().Add(peer.ahead + time.Minute).UnixMilli()})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, fetchIn)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, peer.URL+PersonasPath+p.Hash, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+pass)
	answer, err := n.http.RoundTrip(r) // a transport follows no redirects
	if err != nil {
		return nil, fmt.Errorf("fetching a persona: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // read, or given up
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching a persona: %s answers %d", peer.URL, answer.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, p.Bytes+1))
	if err != nil {
		return nil, fmt.Errorf("fetching a persona: %w", err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != p.Hash {
		return nil, fmt.Errorf("fetching a persona: %s gave something else", peer.URL)
	}
	return b, nil
}

// PersonasPath is where nodes read each other's personas, by hash.
const PersonasPath = "/cluster/personas/"

// ServeHTTP answers other nodes that read a persona; it asks who comes.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, ok := strings.CutPrefix(r.URL.Path, PersonasPath)
	scheme, pass, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	var f fetch
	switch {
	case !ok || !validHash.MatchString(hash) || r.Method != http.MethodGet || n.o.Gallery == nil:
		http.NotFound(w, r)
		return
	case !strings.EqualFold(scheme, "Bearer") || n.seals.openPass("fetch", pass, &f) != nil ||
		f.Hash != hash || f.To != n.id || n.o.now().UnixMilli() > f.Until:
		http.Error(w, "This is for nodes of the same cluster.", http.StatusUnauthorized)
		return
	}
	select {
	case n.fetches <- struct{}{}:
		defer func() { <-n.fetches }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "Others are reading; try again.", http.StatusServiceUnavailable)
		return
	}
	file, err := n.o.Gallery.Open(hash)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close() //nolint:errcheck // it was only read
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.Copy(w, io.LimitReader(file, maxFile)) // the other node finds what is missing
}
