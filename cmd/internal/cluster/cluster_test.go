package cluster

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cluster/embedded"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
)

const testSecret = "a secret that all of them share"

// bus runs NATS until the test ends.
func bus(t testing.TB, listen, dir string) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(embedded.Options{Listen: listen, Password: Password(testSecret), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// member is a node with as many free places as are set.
type member struct {
	*Node
	free atomic.Int64
	log  lockedBuffer
	stop func()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// join makes a node and runs it until the test ends. change may alter what it is made of.
func join(t testing.TB, url, address string, free int, change func(*Options)) *member {
	t.Helper()
	m := &member{}
	m.free.Store(int64(free))
	o := &Options{
		URL: url, Address: address, Secret: testSecret, Version: "test", Log: slog.New(slog.NewTextHandler(&m.log, nil)),
		State: func() State { return State{Places: 20, Free: int(m.free.Load())} },
	}
	if change != nil {
		change(o)
	}
	var err error
	if m.Node, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); m.Run(ctx) }()
	m.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(m.stop)
	return m
}

// sees waits until a node knows so many others.
func (m *member) sees(t testing.TB, n int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); len(m.Peers()) != n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it sees %d others, want %d: %s", len(m.Peers()), n, m.log.String())
		}
	}
}

// TestMostRoom: visitors are sent to where most room is, and those that were sent count there at once.
func TestMostRoom(t *testing.T) {
	url := bus(t, "127.0.0.1:0", t.TempDir()).URL()
	a, b, c := join(t, url, "http://a:1", 5, nil), join(t, url, "http://b:1", 9, nil), join(t, url, "http://c:1", 8, nil)
	a.sees(t, 2)
	c.sees(t, 2)
	sent := map[string]int{}
	for range 4 {
		p, ok := a.Elsewhere(nil)
		if !ok {
			p.URL = "here"
		}
		sent[p.URL]++
	}
	// Of nodes with as much room either may be chosen: with 9 and 8 places, 7 and 6 or 6 and 7 are left.
	if b, c := sent["http://b:1"], sent["http://c:1"]; b+c != 4 || b != 2 && b != 3 {
		t.Errorf("sent to %v", sent)
	}
	if p, ok := c.Elsewhere([]string{b.ID()}); ok {
		t.Errorf("who was elsewhere is sent on to %s although there is room", p.URL)
	}
	c.free.Store(0)
	if p, ok := c.Elsewhere([]string{b.ID()}); !ok || p.ID != a.ID() {
		t.Errorf("from a full house it goes to %+v", p)
	}
	if p, ok := c.Elsewhere([]string{b.ID(), a.ID()}); ok {
		t.Errorf("who was everywhere is sent to %s", p.URL)
	}
	c.Leave()
	if p, ok := c.Elsewhere([]string{b.ID()}); !ok || p.ID != a.ID() {
		t.Errorf("from one that leaves it goes to %+v", p)
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if p, ok := a.Peer(c.ID()); ok && p.Leaving {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nobody hears that it leaves")
		}
	}
	c.stop()
	a.sees(t, 1) // at once, not when its entry is old
}

// TestManyAtOnce: a crowd that comes to all nodes at a time finds every place, and nobody is sent round.
func TestManyAtOnce(t *testing.T) {
	url := bus(t, "127.0.0.1:0", t.TempDir()).URL()
	var house []*member
	for _, name := range []string{"a", "b", "c", "d"} {
		house = append(house, join(t, url, "http://"+name+":1", 10, nil))
	}
	for _, m := range house {
		m.sees(t, 3)
	}
	var mu sync.Mutex
	refused, hops := 0, 0
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			at, tried := house[i%2], []string(nil) // at two of them only
			for {
				mu.Lock()
				p, on := at.Elsewhere(tried)
				if !on && at.free.Load() > 0 {
					at.free.Add(-1)
					at.Changed()
					mu.Unlock()
					return
				}
				mu.Unlock()
				if !on || len(tried) > 8 {
					mu.Lock()
					refused++
					mu.Unlock()
					return
				}
				tried = append(tried, at.ID())
				at = house[slices.IndexFunc(house, func(m *member) bool { return m.ID() == p.ID })]
				mu.Lock()
				hops++
				mu.Unlock()
			}
		})
		time.Sleep(2 * time.Millisecond)
	}
	all.Wait()
	if refused > 0 {
		t.Errorf("%d of 40 were refused while there was room for 40", refused)
	}
	t.Logf("%d redirects for 40 visitors", hops)
}

// TestNATSGoesAway: nodes say so, go on alone, and find each other again; also where the server comes back with nothing.
func TestNATSGoesAway(t *testing.T) {
	testenv.Full(t)
	first := bus(t, "127.0.0.1:0", t.TempDir())
	url := first.URL()
	a, b := join(t, url, "http://a:1", 5, nil), join(t, url, "http://b:1", 9, nil)
	a.sees(t, 1)
	b.sees(t, 1)
	_ = first.Close()
	a.sees(t, 0)
	for end := time.Now().Add(10 * time.Second); a.Up(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it believes that NATS is reached")
		}
	}
	if p, ok := a.Elsewhere(nil); ok {
		t.Errorf("a visitor is sent to %s", p.URL)
	}
	if text := a.log.String(); strings.Count(text, "serves alone") == 0 || strings.Count(text, "serves alone") > 3 {
		t.Errorf("it said: %s", text)
	}
	bus(t, strings.TrimPrefix(url, "nats://"), t.TempDir())
	a.sees(t, 1)
	b.sees(t, 1)
	for end := time.Now().Add(10 * time.Second); !a.Up(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it believes that NATS is away")
		}
	}
}
