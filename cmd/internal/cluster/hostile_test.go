package cluster

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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
