package rtc

import (
	"fmt"
	"math"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

// TestControlSurvivesLoss: where a fifth is lost both ways reports come, and where the requests arrive they are answered, within
// two seconds. What is lost of the requests is for the browser's own transport to send again.
func TestControlSurvivesLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b, _, _ := s.connect(t, PeerOptions{Codec: CodecVP8})
		time.Sleep(2 * time.Second)
		s.nets.Change(t, "loss=20")
		s.nets.Up.Change(netem.Conditions{Loss: 0.2})
		time.Sleep(2 * time.Second)
		silent := silence(b.Reports, 60*time.Second)
		s.nets.Up.Change(netem.Conditions{})
		time.Sleep(5 * time.Second)
		var slowest time.Duration
		for id := range 200 {
			asked := time.Now()
			b.Ask(id, fmt.Sprintf(`{"id":%d,"type":"ping"}`, id))
			slowest = max(slowest, time.Since(asked))
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("the longest time without a report was %v, until an answer %v", silent, slowest)
		if silent > 2*time.Second || slowest > 2*time.Second {
			t.Errorf("the longest time without a report was %v, until an answer %v", silent, slowest)
		}
	})
}

// silence is the longest time without a message.
func silence(c <-chan string, long time.Duration) (longest time.Duration) {
	for len(c) > 0 {
		<-c
	}
	last := time.Now()
	for end := time.After(long); ; {
		select {
		case <-c:
			longest, last = max(longest, time.Since(last)), time.Now()
			continue
		case <-end:
		}
		return max(longest, time.Since(last))
	}
}

// loggedConn notes what is sent.
type loggedConn struct {
	net.PacketConn
	sent []string
	at   []time.Time
}

func (c *loggedConn) WriteTo(b []byte, _ net.Addr) (int, error) {
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
			path := newBandwidth(Bitrate{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
			path.lost.Store(math.Float64bits(c.loss))
			r := newRepeater(path)
			defer r.close()
			out := &loggedConn{}
			conn := repeatingPackets{out, r}
			for _, text := range []string{"\x80 media", "\x17 one", "\x17 two", "\x00 stun", ""} {
				if _, err := conn.WriteTo([]byte(text), nil); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
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

func TestRepeatingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := newBandwidth(Bitrate{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
		path.lost.Store(math.Float64bits(0.2))
		path.rate.Store(300_000)
		r, out := newRepeater(path), &loggedConn{}
		conn := repeatingPackets{out, r}
		data := append([]byte{firstDTLS}, make([]byte, 999)...)
		for range 300 {
			_, _ = conn.WriteTo(data, nil)
			time.Sleep(10 * time.Millisecond)
		}
		if more := len(out.sent) - 300; more < 30 || more > 3*17 {
			t.Errorf("%d datagrams on top in three seconds", more)
		}
		_, _ = conn.WriteTo(data, nil)
		r.close()
		n := len(out.sent)
		time.Sleep(time.Minute)
		if len(out.sent) != n {
			t.Error("repeated after the end")
		}
	})
}

// TestAFixedPortRepeats: connections that share a socket repeat too.
func TestAFixedPortRepeats(t *testing.T) {
	var m repeatingMux
	m.UDPMux, m.by = fakeMux{}, newRepeater(newBandwidth(Bitrate{Min: 1, Start: 1, Max: 1}))
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
