package cluster

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/web/access"
)

func newAlone(t *testing.T, address string, now func() time.Time) *Node {
	t.Helper()
	n, err := New(&Options{URL: "nats://x", Address: address, Secret: testSecret, State: func() State { return State{Places: 2, Free: 2} }, now: now})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// hears has one node read what another writes now.
func hears(t *testing.T, who, from *Node) {
	t.Helper()
	b, err := from.entry()
	if err != nil {
		t.Fatal(err)
	}
	who.read(from.id, b)
}

// TestStale: a node that is not heard is gone after five seconds, whatever time it says it is.
func TestStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAlone(t, "http://a:1", nil)
		for name, off := range map[string]time.Duration{"http://b:1": 0, "http://c:1": 36 * time.Hour, "http://d:1": -36 * time.Hour} {
			hears(t, a, newAlone(t, name, func() time.Time { return time.Now().Add(off) }))
		}
		if n := len(a.Peers()); n != 3 {
			t.Fatalf("%d others", n)
		}
		time.Sleep(liveFor - time.Millisecond)
		if n := len(a.Peers()); n != 3 {
			t.Errorf("%d others after %v", n, liveFor)
		}
		time.Sleep(2 * time.Millisecond)
		if n := len(a.Peers()); n != 0 {
			t.Errorf("%d others that are not heard", n)
		}
		if _, ok := a.Elsewhere(nil); ok {
			t.Error("a visitor is sent to one that is not heard")
		}
	})
}

// TestTickets: good for one node, for five minutes by its clock, and with the seal only.
func TestTickets(t *testing.T) {
	for name, off := range map[string]time.Duration{"the same clock": 0, "an hour ahead": time.Hour, "an hour behind": -time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			a := newAlone(t, "http://a:1", nil)
			b := newAlone(t, "http://b:1", func() time.Time { return time.Now().Add(off) })
			c := newAlone(t, "http://c:1", nil)
			hears(t, a, b)
			to, _ := a.Peer(b.ID())
			want := access.Ticket{Token: "t1", Scope: access.ScopeDrive, Session: "ann", Persona: "lisa", Home: a.ID(), Origin: "https://name.example"}
			pass, err := a.Issue(&want, &to)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := b.Redeem(pass); err != nil || got != want {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if _, err := c.Redeem(pass); err == nil {
				t.Errorf("%s: another node takes it", name)
			}
			for _, bad := range []string{"", ".", pass[1:], pass + "x", strings.ToUpper(pass), strings.Repeat("x", 5000), pass[:20] + "A" + pass[21:]} {
				if _, err := b.Redeem(bad); err == nil {
					t.Errorf("%s: %q is taken", name, bad)
				}
			}
			time.Sleep(ticketFor - time.Second)
			if _, err := b.Redeem(pass); err != nil {
				t.Errorf("%s: soon it is not good: %v", name, err)
			}
			time.Sleep(2 * time.Second)
			if _, err := b.Redeem(pass); err == nil {
				t.Errorf("%s: it is good for ever", name)
			}
			for _, c := range pass {
				if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", c) {
					t.Errorf("%q cannot stand in a subprotocol", c)
				}
			}
		})
	}
}

// TestNeverFromTLS: who came over TLS is not sent to where there is none.
func TestNeverFromTLS(t *testing.T) {
	a := newAlone(t, "https://a:1", nil)
	hears(t, a, newAlone(t, "http://b:1", nil))
	if n := len(a.Peers()); n != 0 {
		t.Errorf("%d others", n)
	}
	hears(t, a, newAlone(t, "https://c:1", nil))
	if n := len(a.Peers()); n != 1 {
		t.Errorf("%d others", n)
	}
}

func FuzzRead(f *testing.F) {
	n, err := New(&Options{URL: "nats://x", Address: "http://a:1", Secret: testSecret, State: func() State { return State{} }})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("beef", `{"id":"beef","url":"http://b:1","protocol":1,"version":"x","seq":1,"now":1,"places":2,"free":1,"load":0.5,"p95_ms":3,"names":["ann"]}`)
	f.Add("beef", `{"id":"beef","url":"http://b:1","protocol":1,"free":-1}`)
	f.Fuzz(func(t *testing.T, key, text string) {
		n.read(key, []byte(n.seals.mac("node/"+key, text)+text)) // past the seal, as another node with a fault would be
		for _, p := range n.Peers() {
			if CheckAddress(p.URL) != nil || p.Free > p.Places || p.Free < 0 || len(p.Names) > maxNames || !validID.MatchString(p.ID) {
				t.Errorf("%+v is believed", p)
			}
		}
		n.Elsewhere(nil)
		n.Holder("ann")
		if _, err := n.Redeem(text); err == nil {
			t.Errorf("%q is a ticket", text)
		}
	})
}
