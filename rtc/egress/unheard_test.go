package egress

import (
	"net"
	"testing"

	"github.com/gioconda-live/gioconda/rtc/congestion"
)

// answeringConn gives one datagram.
type answeringConn struct {
	loggedConn
	from net.Addr
	data []byte
}

func (c *answeringConn) ReadFrom(b []byte) (int, net.Addr, error) {
	return copy(b, c.data), c.from, nil
}

// TestWhoSaysNothingIsNotAskedForEver: one IP address gets twenty requests, on however many ports, until it says something; what is no
// request is no business of this.
func TestWhoSaysNothingIsNotAskedForEver(t *testing.T) {
	r := NewRepeater(NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000}))
	defer r.Close()
	victim := func(port int) net.Addr { return &net.UDPAddr{IP: net.IPv4(192, 0, 2, 7), Port: port} }
	out := &answeringConn{from: &net.UDPAddr{IP: net.IPv4(192, 0, 2, 8), Port: 1}, data: []byte("\x01\x01 stun")}
	conn := repeatingPackets{out, r}
	ask := func(to func(port int) net.Addr) int {
		before := len(out.sent)
		for port := range 100 {
			if n, err := conn.WriteTo([]byte("\x00\x01 stun"), to(1000+port)); n != 7 || err != nil {
				t.Fatal(n, err)
			}
		}
		return len(out.sent) - before
	}
	if n := ask(victim); n != 20 {
		t.Errorf("who says nothing got %d requests, want 20", n)
	}
	other := func(port int) net.Addr { return &net.UDPAddr{IP: net.ParseIP("::ffff:192.0.2.8"), Port: port} }
	if _, _, err := conn.ReadFrom(make([]byte, 99)); err != nil {
		t.Fatal(err)
	}
	if n := ask(other); n != 100 {
		t.Errorf("who has said something got %d of 100 requests", n)
	}
	before := len(out.sent)
	for range 50 {
		_, _ = conn.WriteTo([]byte("\x80 media"), victim(1))
	}
	if n := len(out.sent) - before; n != 50 {
		t.Errorf("%d of 50 other datagrams went out", n)
	}
	for i := range 2 * unheardKept {
		_, _ = conn.WriteTo([]byte("\x00\x01 stun"), &net.UDPAddr{IP: net.IPv4(10, 0, byte(i>>8), byte(i)), Port: 1})
	}
	if n := len(r.unheard.asked); n > unheardKept {
		t.Errorf("%d addresses are remembered", n)
	}
}
