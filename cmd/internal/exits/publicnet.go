package exits

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// publicTransport is an HTTP transport that connects to public addresses only, whatever a name resolves to.
func publicTransport() http.RoundTripper {
	d := &net.Dialer{Timeout: 10 * time.Second, Control: publicOnly}
	return &http.Transport{
		DialContext: d.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
	}
}

// publicOnly is asked before every connection, with the address that was resolved.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(at.Addr()) {
		return fmt.Errorf("%s is not a public address, and this token may push to public addresses only", at.Addr())
	}
	return nil
}

// isPublic tells whether an address is anybody's to reach.
func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared().Contains(a)
}

// shared is the address space between providers and their customers (RFC 6598).
func shared() netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10) }
