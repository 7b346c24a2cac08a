package certs

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	for what, ok := range map[string]bool{
		"": true, "lan": true, "auto me.example.org": true, "a.pem,b.pem": true, "a.pem, b.pem": true,
		"auto": false, "auto 192.0.2.1": false, "auto localhost": false, "on": false, "a.pem,": false, ",b.pem": false, "lan please": false,
	} {
		if err := Check(what); (err == nil) != ok {
			t.Errorf("%q: %v", what, err)
		}
	}
	if s, err := Open("", t.TempDir()); s != nil || err != nil {
		t.Errorf("no TLS is %v, %v", s, err)
	}
	if _, err := Open("no.pem,no.pem", t.TempDir()); err == nil || !strings.Contains(err.Error(), "PEM") {
		t.Errorf("files that are not there: %v", err)
	}
}

// serveTLS answers with the source's certificate, and gives what to ask at.
func serveTLS(t *testing.T, s *Source) (address string) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	_ = srv.Listener.Close() // ours instead
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return l.Addr().String()
}

// TestLAN asks as a device does that trusts the authority and nothing else, by each name and address.
func TestLAN(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	s, err := Open("lan", dir)
	if err != nil {
		t.Fatal(err)
	}
	address := serveTLS(t, s)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.Authority) {
		t.Fatal("the authority is no PEM")
	}
	if !slices.Contains(s.Hosts, "localhost") || !slices.Contains(s.Hosts, "127.0.0.1") {
		t.Errorf("hosts %v", s.Hosts)
	}
	for _, host := range s.Hosts {
		if err := shake(address, &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}); err != nil {
			t.Errorf("as %s: %v", host, err)
		}
	}
	for name, c := range map[string]*tls.Config{
		"another name":             {RootCAs: roots, ServerName: "example.org"},
		"who trusts nobody":        {RootCAs: x509.NewCertPool(), ServerName: "localhost"},
		"after the leaf has ended": {RootCAs: roots, ServerName: "localhost", Time: func() time.Time { return time.Now().Add(leafFor + time.Hour) }},
	} {
		if err := shake(address, c); err == nil {
			t.Errorf("%s: it was believed", name)
		}
	}
	again, err := Open("lan", dir)
	if err != nil || string(again.Authority) != string(s.Authority) {
		t.Errorf("another authority at the second start: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "ca-key.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("lan", dir); err == nil || !strings.Contains(err.Error(), "remove") {
		t.Errorf("a torn authority: %v", err)
	}
}

func shake(address string, c *tls.Config) error {
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", address, c)
	if err != nil {
		return err
	}
	return conn.Close()
}

// TestTheAuthorityIsForLocalNamesOnly: whoever steals its key can pretend to be nobody on the internet.
func TestTheAuthorityIsForLocalNamesOnly(t *testing.T) {
	ca, key, _, err := authority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	l := &lan{ca: ca, key: key, random: serial}
	for host, good := range map[string]bool{
		"192.168.1.7": true, "10.1.2.3": true, "fd00::7": true, "laptop.local": true, "8.8.8.8": false, "2001:4860::8888": false,
		"example.org": false, "localhost.example.org": false,
	} {
		leaf, err := l.issue([]string{host}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); (err == nil) != good {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestAnotherNetworkAnotherLeaf: a laptop that moves is reached under its new address without a restart.
func TestAnotherNetworkAnotherLeaf(t *testing.T) {
	ca, key, _, err := authority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"192.168.1.7"}
	l := &lan{ca: ca, key: key, random: serial, hosts: func() []string { return hosts }}
	first, err := l.certificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	hosts = []string{"10.0.0.7"}
	if same, err := l.certificate(nil); err != nil || same != first {
		t.Errorf("it looks at once: %v", err)
	}
	l.looked = l.looked.Add(-2 * lookAgain)
	other, err := l.certificate(nil)
	if err != nil || other.Leaf.IPAddresses[0].String() != "10.0.0.7" {
		t.Errorf("%v, %v", other.Leaf.IPAddresses, err)
	}
	l.looked = l.looked.Add(-2 * lookAgain)
	if same, err := l.certificate(nil); err != nil || same != other {
		t.Errorf("a new leaf without need: %v", err)
	}
	other.Leaf.NotAfter = time.Now().Add(renewBefore - time.Hour)
	l.looked = l.looked.Add(-2 * lookAgain)
	if newer, err := l.certificate(nil); err != nil || newer == other {
		t.Errorf("a leaf that is nearly over is kept: %v", err)
	}
}
