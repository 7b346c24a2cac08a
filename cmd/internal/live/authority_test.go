package live

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/web/certs"
)

// autoServer, in the environment, makes this program serve over TLS: what web.tls says, a folder, and where.
const autoServer = "GIOCONDA_TEST_AUTO"

// TestAutoServer is the other process of TestAuthority. It serves until its standard input ends.
func TestAutoServer(t *testing.T) {
	what := strings.Split(os.Getenv(autoServer), "|")
	if len(what) != 3 {
		t.Skip("it serves for TestAuthority only")
	}
	s, err := certs.Open(what[0], what[1])
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", what[2], s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = http.Serve(l, http.NotFoundHandler()) }() //nolint:gosec // of a test
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// start runs a program until the test ends or stop is called.
func start(t *testing.T, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	stop = func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() }
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), said.String())
		}
	})
	return stop
}

// nameServer answers over TCP that every name is this machine.
func nameServer(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				for here(c) == nil {
				}
			}()
		}
	}()
	return l.Addr().String()
}

// here answers one question (RFC 1035, 4.1 and 4.2.2).
func here(c net.Conn) error {
	var length [2]byte
	if _, err := io.ReadFull(c, length[:]); err != nil {
		return err
	}
	query := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(c, query); err != nil {
		return err
	}
	if len(query) < 17 {
		return io.ErrUnexpectedEOF
	}
	reply := query[:12+bytes.IndexByte(query[12:], 0)+5] // with the question
	reply[2], reply[3] = 0x81, 0x80
	copy(reply[6:12], make([]byte, 6))
	if reply[len(reply)-3] == 1 { // it asks for an IPv4 address
		reply[7] = 1
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
	}
	_, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
	return err
}

// TestAuthority: a certificate comes from a real ACME authority at the first connection, and is kept for the next start.
func TestAuthority(t *testing.T) {
	testenv.Full(t)
	module := filepath.Join("testdata", "pebble")
	pebble := testenv.Tool(t, module, "github.com/letsencrypt/pebble/v2/cmd/pebble")
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/letsencrypt/pebble/v2")
	list.Dir = module
	out, err := list.Output()
	if err != nil {
		t.Skipf("SKIPPED: the authority's own certificate cannot be had: %v", err)
	}
	own := filepath.Join(strings.TrimSpace(string(out)), "test", "certs")
	trusted := filepath.Join(own, "pebble.minica.pem")
	dir, ports := t.TempDir(), freePorts(t, 4)
	config := testenv.Write(t, filepath.Join(dir, "pebble.json"), fmt.Appendf(nil, `{"pebble": {
		"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d", "certificate": %q, "privateKey": %q,
		"httpPort": %d, "tlsPort": %d, "retryAfter": {"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
		"profiles": {"default": {"description": "the only one", "validityPeriod": 7776000}}}}`,
		ports[0], ports[1], filepath.Join(own, "localhost", "cert.pem"), filepath.Join(own, "localhost", "key.pem"), ports[2], ports[3]))
	authority := exec.Command(pebble, "-config", config, "-dnsserver", nameServer(t))
	authority.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	stopAuthority := start(t, authority)
	const name = "portrait.example.org"
	address := fmt.Sprintf("127.0.0.1:%d", ports[3])
	serve := func() (stop func()) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAutoServer$", "-test.timeout=5m")
		cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+trusted,
			fmt.Sprintf("%s=auto %s https://localhost:%d/dir|%s|%s", autoServer, name, ports[0], filepath.Join(dir, "tls"), address))
		return start(t, cmd)
	}
	stop := serve()
	begin := time.Now()
	roots := authorityRoots(t, trusted, ports[1])
	first := certificateOf(t, address, name, roots)
	t.Logf("a certificate after %.1f s, of %s", time.Since(begin).Seconds(), first.Issuer)
	stop()
	stopAuthority()
	serve()
	if again := certificateOf(t, address, name, roots); again.SerialNumber.Cmp(first.SerialNumber) != 0 {
		t.Error("it was not kept")
	}
	d := tls.Dialer{Config: &tls.Config{ServerName: "other.example.org", InsecureSkipVerify: true}} //nolint:gosec // there shall be none
	if c, err := d.DialContext(t.Context(), "tcp", address); err == nil {
		_ = c.Close()
		t.Error("there is a certificate for another name")
	}
}

// authorityRoots are the certificates that vouch for what the authority gives, from its management interface.
func authorityRoots(t *testing.T, trusted string, port int) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(trusted)
	if err != nil {
		t.Fatal(err)
	}
	roots, own := x509.NewCertPool(), x509.NewCertPool()
	own.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own}}} //nolint:gosec // of a test
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		p, err := client.Get(fmt.Sprintf("https://localhost:%d/roots/0", port))
		if err == nil {
			pem, err = io.ReadAll(p.Body)
			_ = p.Body.Close()
		}
		if err == nil && roots.AppendCertsFromPEM(pem) {
			return roots
		}
		if time.Now().After(deadline) {
			t.Fatalf("the authority does not answer: %v", err)
		}
	}
}

// certificateOf is what a server shows for a name, once it has one that roots vouch for.
func certificateOf(t *testing.T, address, name string, roots *x509.CertPool) *x509.Certificate {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		d := tls.Dialer{Config: &tls.Config{ServerName: name, RootCAs: roots}} //nolint:gosec // of a test
		c, err := d.DialContext(t.Context(), "tcp", address)
		if err == nil {
			defer func() { _ = c.Close() }()
			return c.(*tls.Conn).ConnectionState().PeerCertificates[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("no certificate: %v", err)
		}
	}
}

// freePorts are TCP ports that were free a moment ago.
func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
