package rtctest

import (
	"net"
	"time"

	"github.com/pion/transport/v2"

	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

// headers of IPv4 and UDP around a datagram, in bytes.
const headers = 20 + 8

// emulated is a network whose datagrams leave through a link.
type emulated struct {
	transport.Net
	link *netem.Link
}

// Weak is a network whose datagrams leave through a link.
func Weak(n transport.Net, l *netem.Link) transport.Net { return emulated{n, l} }

// ListenPacket implements transport.Net.
func (n emulated) ListenPacket(network, address string) (net.PacketConn, error) {
	c, err := n.Net.ListenPacket(network, address)
	if err != nil {
		return nil, err
	}
	return emulatedPackets{c, n.link}, nil
}

// ListenUDP implements transport.Net.
func (n emulated) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	c, err := n.Net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	return emulatedUDP{c, n.link}, nil
}

type emulatedPackets struct {
	net.PacketConn
	link *netem.Link
}

// WriteTo implements net.PacketConn.
func (c emulatedPackets) WriteTo(b []byte, to net.Addr) (int, error) {
	return later(c.link, c.PacketConn, b, to)
}

type emulatedUDP struct {
	transport.UDPConn
	link *netem.Link
}

// WriteTo implements transport.UDPConn.
func (c emulatedUDP) WriteTo(b []byte, to net.Addr) (int, error) {
	return later(c.link, c.UDPConn, b, to)
}

// later writes a datagram when it arrives, if it does.
func later(l *netem.Link, c net.PacketConn, b []byte, to net.Addr) (int, error) {
	now := time.Now()
	at, ok := l.Send(len(b)+headers, now)
	switch {
	case !ok:
		return len(b), nil
	case !at.After(now):
		return c.WriteTo(b, to)
	}
	copied := append([]byte(nil), b...)
	time.AfterFunc(at.Sub(now), func() { _, _ = c.WriteTo(copied, to) }) // a socket that is closed by then loses it
	return len(b), nil
}
