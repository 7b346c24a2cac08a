package egress

import (
	"math"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc/congestion"
)

// loggedConn notes what is sent. Read it after synctest.Wait.
type loggedConn struct {
	net.PacketConn
	mu   sync.Mutex
	sent []string
	at   []time.Time
}

func (c *loggedConn) WriteTo(b []byte, _ net.Addr) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, string(b))
	c.at = append(c.at, time.Now())
	return len(b), nil
}

func TestDataIsRepeatedWherePacketsAreLost(t *testing.T) {
	for _, c := range []struct {
		loss   float64
		copies int
	}{{0, 0}, {0.05, 1}, {0.1, 2}, {0.2, 3}} {
		synctest.Test(t, func(t *testing.T) {
			path := NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
			path.lostNow.Store(math.Float64bits(c.loss))
			r := NewRepeater(path)
			defer r.Close()
			out := &loggedConn{}
			conn := repeatingPackets{out, r}
			for _, text := range []string{"\x80 media", "\x17 one", "\x17 two", "\x00 stun", ""} {
				if _, err := conn.WriteTo([]byte(text), nil); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			synctest.Wait()
			times := map[string]int{}
			for _, text := range out.sent {
				times[text]++
			}
			if times["\x17 one"] != 1+c.copies || times["\x17 two"] != 1+c.copies || times["\x80 media"] != 1 || times["\x00 stun"] != 1 {
				t.Errorf("loss %v: %q", c.loss, out.sent)
			}
			for i := range 2 * c.copies {
				if wait := out.at[5+i].Sub(out.at[0]); wait != time.Duration(1+i/2)*repeatAfter {
					t.Errorf("copy %d after %v", i, wait)
				}
			}
		})
	}
}

// TestRepeatingIsBounded: what is repeated fits the room, of which large datagrams leave half to small ones.
func TestRepeatingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
		path.lostNow.Store(math.Float64bits(0.2))
		path.rate.Store(300_000)
		r, out := NewRepeater(path), &loggedConn{}
		conn := repeatingPackets{out, r}
		large, small := append([]byte{firstDTLS}, make([]byte, 999)...), append([]byte{firstDTLS}, make([]byte, 99)...)
		answers := 0
		for i := range 300 {
			_, _ = conn.WriteTo(large, nil)
			if i%5 == 4 {
				_, _ = conn.WriteTo(small, nil)
				answers++
			}
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		larger, smaller := -300, -answers
		for _, b := range out.sent {
			if len(b) == len(large) {
				larger++
			} else {
				smaller++
			}
		}
		if larger < 15 || larger > 3*9 || smaller < 3*answers-3 {
			t.Errorf("%d large datagrams on top in three seconds, %d small ones of %d", larger, smaller, answers)
		}
		_, _ = conn.WriteTo(small, nil)
		r.Close()
		synctest.Wait()
		n := len(out.sent)
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(out.sent) != n {
			t.Error("repeated after the end")
		}
	})
}

// TestLittleRoomIsSharedOut: where there is no room for all copies there is for one.
func TestLittleRoomIsSharedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
		path.lostNow.Store(math.Float64bits(0.2))
		path.rate.Store(300_000)
		r, out := NewRepeater(path), &loggedConn{}
		defer r.Close()
		conn := repeatingPackets{out, r}
		for range 20 { // three times 20 are more than fit
			_, _ = conn.WriteTo(append([]byte{firstDTLS}, make([]byte, 319)...), nil)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(out.sent) - 20; n != repeatAlways/320 {
			t.Errorf("%d datagrams on top of 20, of which %d fit", n, repeatAlways/320)
		}
	})
}

// TestAFixedPortRepeats: connections that share a socket repeat too.
func TestAFixedPortRepeats(t *testing.T) {
	var m repeatingMux
	m.UDPMux, m.by = fakeMux{}, NewRepeater(NewPath(congestion.Limits{Min: 1, Start: 1, Max: 1}))
	c, err := m.GetConn("x", nil)
	if _, repeats := c.(repeatingPackets); err != nil || !repeats {
		t.Errorf("%T, %v", c, err)
	}
}

type fakeMux struct{}

func (fakeMux) GetConn(string, net.Addr) (net.PacketConn, error) { return &loggedConn{}, nil }
func (fakeMux) RemoveConnByUfrag(string)                         {}
func (fakeMux) GetListenAddresses() []net.Addr                   { return nil }
func (fakeMux) Close() error                                     { return nil }
