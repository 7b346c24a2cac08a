package web

import (
	"bytes"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/web/access"
	"github.com/gioconda-live/gioconda/web/certs"
)

func TestAddresses(t *testing.T) {
	hosts := &certs.Source{Hosts: []string{"192.168.1.7", "fd00::7", "laptop.local", "localhost", "127.0.0.1", "fe80::1"}}
	for listen, want := range map[string][]string{
		"0.0.0.0:8443": {"https://192.168.1.7:8443/", "https://[fd00::7]:8443/", "https://laptop.local:8443/"},
		":443":         {"https://192.168.1.7/", "https://[fd00::7]/", "https://laptop.local/"},
		"nonsense":     nil,
	} {
		if got := addresses(hosts, listen); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", listen, got, want)
		}
	}
	if got := addresses(nil, ":443"); got != nil {
		t.Errorf("without TLS: %v", got)
	}
}

// TestTheAuthorityIsOffered: a device that has no token yet, and trusts nobody yet, learns how to.
func TestTheAuthorityIsOffered(t *testing.T) {
	s, _ := newServer(t)
	s.Config.Listen = "0.0.0.0:8443"
	s.Access = &access.Policy{Listen: s.Config.Listen}
	s.Certs = &certs.Source{Authority: []byte("-----BEGIN CERTIFICATE-----\n"), Hosts: []string{"192.168.1.7", "localhost"}}
	h := s.Handler()
	w := ask(h, http.MethodGet, "/ca", "", "")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "https://192.168.1.7:8443/ca") {
		t.Errorf("the page: %d %s", w.Code, w.Body)
	}
	for _, system := range []string{"iPhone", "Android", "Windows", "macOS", "Linux", "Firefox"} {
		if !strings.Contains(w.Body.String(), system) {
			t.Errorf("no steps for %s", system)
		}
	}
	w = ask(h, http.MethodGet, "/ca.crt", "", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-x509-ca-cert" || !bytes.Equal(w.Body.Bytes(), s.Certs.Authority) {
		t.Errorf("the certificate: %d %v", w.Code, w.Header())
	}
	w = ask(h, http.MethodGet, "/ca.png", "", "")
	if code, err := png.Decode(w.Body); w.Code != http.StatusOK || err != nil || code.Bounds().Dx() < 100 {
		t.Errorf("the code: %d, %v", w.Code, err)
	}
	s.Certs.Hosts = []string{"localhost"}
	if w := ask(h, http.MethodGet, "/ca.png", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("the code of a machine without a network: %d", w.Code)
	}
	s.Certs.Authority = nil // of files, which devices trust already
	if w := ask(s.Handler(), http.MethodGet, "/ca.crt", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("no authority of ours: %d", w.Code)
	}
}
