package certs

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOpenSSLAgrees: another reader of the standard believes what we issue, by name and by address, and nothing else.
func TestOpenSSLAgrees(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("SKIPPED: openssl is not installed")
	}
	dir := t.TempDir()
	ca, key, _, err := authority(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := &lan{ca: ca, key: key, random: serial}
	verify := func(hosts []string, at time.Time, more ...string) (string, error) {
		t.Helper()
		leaf, err := l.issue(hosts, at)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "leaf.pem")
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Certificate[0]}), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", filepath.Join(dir, "ca.pem")}, more...)
		said, err := exec.CommandContext(t.Context(), openssl, append(args, path)...).CombinedOutput()
		return string(said), err
	}
	now := time.Now()
	ours := []string{"192.168.1.7", "fd00::7", "laptop.local", "localhost"}
	for name, c := range map[string]struct {
		hosts []string
		at    time.Time
		more  []string
		says  string
	}{
		"by name":                      {ours, now, []string{"-verify_hostname", "laptop.local"}, "OK"},
		"by address":                   {ours, now, []string{"-verify_ip", "192.168.1.7"}, "OK"},
		"by IPv6":                      {ours, now, []string{"-verify_ip", "fd00::7"}, "OK"},
		"another name":                 {ours, now, []string{"-verify_hostname", "phone.local"}, "hostname mismatch"},
		"another address":              {ours, now, []string{"-verify_ip", "192.168.1.8"}, "IP address mismatch"},
		"a name of the internet":       {[]string{"example.org"}, now, nil, "permitted subtree violation"},
		"an address of the internet":   {[]string{"8.8.8.8"}, now, nil, "permitted subtree violation"},
		"both kinds beside each other": {[]string{"192.168.1.7", "8.8.8.8"}, now, nil, "permitted subtree violation"},
		"a leaf that has ended":        {ours, now.Add(-leafFor - time.Minute), nil, "expired"},
	} {
		if said, err := verify(c.hosts, c.at, c.more...); (err == nil) != (c.says == "OK") || !strings.Contains(said, c.says) {
			t.Errorf("%s: %v: %s", name, err, said)
		}
	}
}
