package cluster

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// liveFor is how long an entry is believed: two writes may be lost.
const liveFor = 5 * time.Second

// promiseFor is how long a visitor who was sent to a node counts as being there, whatever its entry says meanwhile.
const promiseFor = 1500 * time.Millisecond

// Peer is another node.
type Peer struct {
	ID      string
	URL     string // origin of its page
	Version string
	Leaving bool
	State
	ahead time.Duration // its clock before ours
}

// peers are the other nodes that are known. Methods are safe for concurrent use.
type peers struct {
	self string
	tls  bool             // we are served over TLS, and send nobody to where there is none
	now  func() time.Time // monotonic

	mu    sync.Mutex // guards the following
	known map[string]*known
}

type known struct {
	entry
	came     time.Time
	ahead    time.Duration
	promised []time.Time // when visitors were sent there
}

func newPeers(self string, tls bool, now func() time.Time) *peers {
	return &peers{self: self, tls: tls, now: now, known: map[string]*known{}}
}

var errOld = errors.New("it is older than what is known")

// take believes an entry that was checked.
func (p *peers) take(e *entry) (isNew bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	k := p.known[e.ID]
	if k != nil && e.Seq <= k.Seq {
		return false, errOld
	}
	if k == nil {
		p.forget(now)
		if len(p.known) >= maxNodes {
			return false, errors.New("there are too many nodes")
		}
		k = &known{}
		p.known[e.ID], isNew = k, true
	}
	k.entry, k.came, k.ahead = *e, now, time.UnixMilli(e.Now).Sub(now)
	return isNew, nil
}

// drop forgets a node that has said goodbye.
func (p *peers) drop(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.known[id]; k != nil {
		k.came = time.Time{} // what it wrote before is not believed if it is seen again
	}
}

// forget removes what has not been heard for so long that nothing of it comes any more. mu is held.
func (p *peers) forget(now time.Time) {
	for id, k := range p.known {
		if now.Sub(k.came) > 12*liveFor {
			delete(p.known, id)
		}
	}
}

// live gives those that can be believed, in the order of their ids. mu is held.
func (p *peers) live() []*known {
	now := p.now()
	var all []*known
	for _, k := range p.known {
		if now.Sub(k.came) < liveFor && (!p.tls || strings.HasPrefix(k.URL, "https://")) {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b *known) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// List gives the nodes that live.
func (p *peers) list() []Peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Peer
	for _, k := range p.live() {
		all = append(all, k.peer())
	}
	return all
}

func (k *known) peer() Peer {
	return Peer{ID: k.ID, URL: k.URL, Version: k.Version, Leaving: k.Leaving, State: k.State, ahead: k.ahead}
}

// find gives the first node that lives and fits.
func (p *peers) find(fits func(*entry) bool) (Peer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, k := range p.live() {
		if fits(&k.entry) {
			return k.peer(), true
		}
	}
	return Peer{}, false
}

// free is what an entry says, less those that were sent there and may not be in it yet.
func (k *known) free(now time.Time) int {
	k.promised = slices.DeleteFunc(k.promised, func(at time.Time) bool { return now.Sub(at) > promiseFor && at.Before(k.came) })
	return k.Free - len(k.promised)
}

// best gives the node with most room but for those that were tried. Where all have given their last place away, what their entries
// say counts again: it is better to ask than to refuse.
func (p *peers) best(tried []string) (Peer, int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	var found *known
	var score float64
	for _, k := range p.live() {
		if k.Leaving || k.Free == 0 || slices.Contains(tried, k.ID) {
			continue
		}
		if s := headroom(k.free(now), &k.State); found == nil || s > score {
			found, score = k, s
		}
	}
	if found == nil {
		return Peer{}, 0, false
	}
	return found.peer(), found.free(now), true
}

// promise notes that a visitor was sent to a node.
func (p *peers) promise(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.known[id]; k != nil && len(k.promised) < 4*maxNames {
		k.promised = append(k.promised, p.now())
	}
}

// slow is the p95, in milliseconds, from which a node counts as having half its free places: a frame of 30 a second takes longer than
// its time.
const slow = 1000. / 30

// headroom orders nodes by their free places, and those with as many by load. One that is late with its frames has half.
func headroom(free int, s *State) float64 {
	h := float64(free)
	if s.P95 > slow && h > 0 {
		h /= 2
	}
	return h - min(s.Load, .99)
}
