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

	"github.com/nats-io/nats.go/jetstream"

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
	if sent["http://b:1"] != 2 || sent["http://c:1"] != 2 {
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

// TestHostileEntries: what others write into the bucket is bounded, and believed only with the seal, from where it was written, and once.
func TestHostileEntries(t *testing.T) {
	url := bus(t, "127.0.0.1:0", t.TempDir()).URL()
	a := join(t, url, "http://a:1", 5, nil)
	good := func() *entry {
		return &entry{ID: "beef", URL: "http://b:1", Protocol: protocol, Version: "2.0", Seq: 1, Now: time.Now().UnixMilli(), State: State{Places: 9, Free: 9}}
	}
	seal := func(s sealer, key string, e *entry) []byte {
		b, err := s.seal("node/"+key, e)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ours, theirs := newSealer(testSecret), newSealer("another secret, no less long")
	for name, value := range map[string][]byte{
		"nothing": {}, "no seal": []byte(`{"id":"beef"}`), "another secret": seal(theirs, "beef", good()), "of another key": seal(ours, "dead", good()),
		"too long": bytes.Repeat([]byte("x"), maxEntry+1), "no JSON": []byte(ours.mac("node/beef", "{") + "{"),
	} {
		a.read("beef", value)
		if n := len(a.Peers()); n > 0 {
			t.Fatalf("%s: it was believed", name)
		}
	}
	for name, change := range map[string]func(*entry){
		"another id":         func(e *entry) { e.ID = "dead" },
		"another protocol":   func(e *entry) { e.Protocol = 2 },
		"negative":           func(e *entry) { e.Free = -1 },
		"more than there is": func(e *entry) { e.Free = 10 },
		"endless":            func(e *entry) { e.Places, e.Free = 1<<30, 1<<30 },
		"a script":           func(e *entry) { e.URL = "javascript:alert(1)" },
		"a path":             func(e *entry) { e.URL = "http://b:1/x" },
		"a password":         func(e *entry) { e.URL = "http://u:p@b:1" },
		"a query":            func(e *entry) { e.URL = "http://b:1?x" },
		"a host with spaces": func(e *entry) { e.URL = "http://b :1" },
		"a long URL":         func(e *entry) { e.URL = "http://" + strings.Repeat("b", 300) },
		"a name":             func(e *entry) { e.Names = []string{"../x"} },
		"many names":         func(e *entry) { e.Names = make([]string, maxNames+1) },
		"a novel":            func(e *entry) { e.Version = strings.Repeat("x", 65) },
		"an escape":          func(e *entry) { e.Version = "\x1b[2J" },
		"a load":             func(e *entry) { e.Load = -1 },
	} {
		e := good()
		change(e)
		a.read("beef", seal(ours, "beef", e))
		if n := len(a.Peers()); n > 0 {
			t.Fatalf("%s: it was believed", name)
		}
	}
	first := seal(ours, "beef", good())
	a.read("beef", first)
	a.sees(t, 1)
	a.peers.drop("beef") // it has said goodbye
	a.read("beef", first)
	if n := len(a.Peers()); n > 0 {
		t.Error("what was written before was believed again")
	}
	for i := range 2 * maxNodes {
		e := good()
		e.ID = "n" + strings.Repeat("0", 3) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		a.read(e.ID, seal(ours, e.ID, e))
	}
	if n := len(a.Peers()); n > maxNodes {
		t.Errorf("%d nodes are remembered", n)
	}
	if lines := strings.Count(a.log.String(), "not believed"); lines > maxNodes+100 {
		t.Errorf("%d lines in the log", lines)
	}
}

// TestOverTheWire: a hostile client of NATS does what a node would, and the nodes go on; one of another version of the program is one
// of them, one of another protocol is not.
func TestOverTheWire(t *testing.T) {
	url := bus(t, "127.0.0.1:0", t.TempDir()).URL()
	a := join(t, url, "http://a:1", 5, nil)
	b := join(t, url, "http://b:1", 9, func(o *Options) { o.Version = "another" })
	join(t, url, "http://c:1", 19, func(o *Options) { o.Secret, o.URL = "another secret, no less long", withPassword(url) })
	a.sees(t, 1)
	nc, err := dial(url, testSecret)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := bucket(t.Context(), js, nodes())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"evil", "x.y.z", b.ID()} {
		if _, err := kv.Put(t.Context(), key, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := kv.Put(t.Context(), "huge", bytes.Repeat([]byte("x"), maxEntry+1)); err == nil {
		t.Error("an entry of any length is kept")
	}
	if err := nc.Publish(findSubject, bytes.Repeat([]byte("x"), 10_000)); err != nil {
		t.Fatal(err)
	}
	b.Changed()
	time.Sleep(300 * time.Millisecond)
	if p, ok := a.Elsewhere(nil); !ok || p.ID != b.ID() || p.Version != "another" {
		t.Errorf("it goes to %+v", p)
	}
	if n := len(a.Peers()); n != 1 {
		t.Errorf("%d others: %s", n, a.log.String())
	}
}

// withPassword is a URL for one that knows NATS' password and not the secret.
func withPassword(url string) string {
	return strings.Replace(url, "nats://", "nats://"+Password(testSecret)+"@", 1)
}
