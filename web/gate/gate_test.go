package gate

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// dial opens a connection from a loopback address.
func dial(t *testing.T, to net.Addr, from string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	c, err := d.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// get asks over a connection that stays open.
func get(c net.Conn) (int, error) {
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return 0, err
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, errors.Join(err, r.Body.Close())
}

// served is a server behind limits; what comes with Upgrade is hijacked.
func served(t *testing.T, limits Limits) (*Listener, net.Addr) {
	t.Helper()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := NewListener(raw, limits)
	srv := &http.Server{ConnState: l.ConnState, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			return
		}
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, "hijacked")
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return l, raw.Addr()
}

// TestConnectionsByAddress holds as many as one address may: it gets no more, others do not notice.
func TestConnectionsByAddress(t *testing.T) {
	l, at := served(t, Limits{All: 100, PerAddress: 4})
	first := dial(t, at, "127.0.0.1")
	if code, err := get(first); err != nil || code != http.StatusOK {
		t.Fatal(code, err)
	}
	for range 40 {
		dial(t, at, "127.0.0.2")
	}
	if code, err := get(dial(t, at, "127.0.0.2")); err != nil || code != http.StatusOK { // in place of its quietest
		t.Error("another one of the greedy address:", code, err)
	}
	if code, err := get(first); err != nil || code != http.StatusOK {
		t.Error("a neighbour's connection:", code, err)
	}
	if n := l.Open(); n != 5 {
		t.Errorf("%d connections are open, want 1 and 4", n)
	}
}

// TestConnectionsInAll fills the house from one address: another one still comes in.
func TestConnectionsInAll(t *testing.T) {
	l, at := served(t, Limits{All: 8})
	for range 20 {
		dial(t, at, "127.0.0.2")
	}
	if code, err := get(dial(t, at, "127.0.0.1")); err != nil || code != http.StatusOK {
		t.Error("a visitor of a full house:", code, err)
	}
	if n := l.Open(); n != 8 {
		t.Errorf("%d connections are open, want 8", n)
	}
}

// TestHijackedAreLeftAlone has as many websockets as an address may have: another connection of it finds no room.
func TestHijackedAreLeftAlone(t *testing.T) {
	_, at := served(t, Limits{PerAddress: 2})
	var sockets []net.Conn
	for range 2 {
		c := dial(t, at, "127.0.0.1")
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: y\r\n\r\n")
		b := make([]byte, 8)
		if _, err := io.ReadFull(c, b); err != nil || string(b) != "hijacked" {
			t.Fatalf("%q %v", b, err)
		}
		sockets = append(sockets, c)
	}
	if code, err := get(dial(t, at, "127.0.0.1")); err == nil {
		t.Errorf("a third connection got %d", code)
	}
	for _, c := range sockets {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			t.Error("a websocket was cut")
		}
	}
}

// TestSlowReader asks for much and takes nothing: it is cut off, one that reads slowly but steadily is not.
func TestSlowReader(t *testing.T) {
	const size = 32 << 20
	var cut atomic.Int32
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(make([]byte, size)); err != nil {
			cut.Add(1)
		}
	})
	hasty := httptest.NewServer(Progress(answer, 200*time.Millisecond))
	defer hasty.Close()
	lazy := dial(t, hasty.Listener.Addr(), "127.0.0.1")
	_, _ = io.WriteString(lazy, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	deadline := time.Now().Add(10 * time.Second)
	for cut.Load() == 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if cut.Load() == 0 {
		t.Error("a reader that takes nothing holds its connection")
	}
	patient := httptest.NewServer(Progress(answer, time.Minute)) // however busy the machine
	defer patient.Close()
	r, err := http.Get(patient.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestWorkerWorksOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWorker(2, 10*time.Second)
		var at, most, done atomic.Int32
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				err := w.Do(t.Context(), func() {
					most.Store(max(most.Load(), at.Add(1)))
					time.Sleep(time.Second)
					at.Add(-1)
					done.Add(1)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		all.Wait()
		if most.Load() != 1 || done.Load() != 2 {
			t.Errorf("%d at once, %d done", most.Load(), done.Load())
		}
	})
}

func TestWorkerRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWorker(1, time.Second)
		var all sync.WaitGroup
		all.Go(func() { _ = w.Do(t.Context(), func() { time.Sleep(time.Minute) }) })
		synctest.Wait()
		all.Go(func() {
			if err := w.Do(t.Context(), func() { t.Error("it was run out of turn") }); !errors.Is(err, ErrBusy) {
				t.Errorf("after a second: %v", err)
			}
		})
		synctest.Wait()
		if err := w.Do(t.Context(), func() { t.Error("it was run out of turn") }); !errors.Is(err, ErrBusy) {
			t.Errorf("one too many waits: %v", err)
		}
		time.Sleep(2 * time.Second)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Do(gone, func() { t.Error("it was run for nobody") }); !errors.Is(err, context.Canceled) {
			t.Errorf("of a client that has gone: %v", err)
		}
		all.Wait()
		ran := false
		if err := w.Do(t.Context(), func() { ran = true }); err != nil || !ran {
			t.Error("the worker has not come back:", err)
		}
	})
}

// TestWorkerSurvivesAPanic gives the turn back.
func TestWorkerSurvivesAPanic(t *testing.T) {
	w := NewWorker(1, time.Second)
	func() {
		defer func() { _ = recover() }()
		_ = w.Do(t.Context(), func() { panic("a fault") })
	}()
	if err := w.Do(t.Context(), func() {}); err != nil {
		t.Error(err)
	}
}

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRates(2, 5)
		allowed := func(address string, n int) (got int) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = address
			for range n {
				if l.Allow(r) {
					got++
				}
			}
			return got
		}
		if n := allowed("192.0.2.1:1", 20); n != 5 {
			t.Errorf("%d at once, want 5", n)
		}
		if n := allowed("192.0.2.1:2", 20); n != 0 {
			t.Errorf("%d more from another port", n)
		}
		if n := allowed("192.0.2.2:1", 20); n != 5 {
			t.Errorf("%d of another address, want 5", n)
		}
		time.Sleep(time.Second)
		if n := allowed("192.0.2.1:1", 20); n != 2 {
			t.Errorf("%d after a second, want 2", n)
		}
		for i := range 3 * maxAddresses {
			allowed(net.JoinHostPort(net.IPv4(10, byte(i>>16), byte(i>>8), byte(i)).String(), "1"), 1)
		}
		if n := len(l.buckets); n > maxAddresses {
			t.Errorf("%d addresses are remembered", n)
		}
	})
}

func TestForwarded(t *testing.T) {
	var seen string
	h := Forwarded(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.RemoteAddr }))
	for _, tc := range []struct{ remote, header, want string }{
		{"127.0.0.1:99", "203.0.113.9", "203.0.113.9:0"},
		{"127.0.0.1:99", "198.51.100.1, 203.0.113.9", "203.0.113.9:0"}, // the first one may be the client's own invention
		{"[::1]:99", "2001:db8::7", "[2001:db8::7]:0"},
		{"127.0.0.1:99", "", "127.0.0.1:99"},
		{"127.0.0.1:99", "nonsense", "127.0.0.1:99"},
		{"203.0.113.50:99", "198.51.100.1", "203.0.113.50:99"}, // no proxy of ours
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tc.remote
		r.Header.Set("X-Forwarded-For", tc.header)
		if h.ServeHTTP(nil, r); seen != tc.want {
			t.Errorf("%s forwarded for %q: %s, want %s", tc.remote, tc.header, seen, tc.want)
		}
	}
}
