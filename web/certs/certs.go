// Package certs gives a server its certificate: files that somebody made, one from a public authority, or one of an authority
// of this machine's own for the local network.
package certs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Source is where certificates come from.
type Source struct {
	TLS *tls.Config // for the listener
	// Authority is the certificate that devices must be told to trust, as PEM; nil where they trust it already.
	Authority []byte
	// Hosts are the names and addresses under which the server may be reached, the likeliest first.
	Hosts []string
}

// Check reports whether Open would understand what: "" (none), "lan", "auto NAME" or "CERT.pem,KEY.pem".
func Check(what string) error {
	_, _, err := parse(what)
	return err
}

// parse splits what into its kind and its arguments.
func parse(what string) (kind string, args []string, err error) {
	if cert, key, ok := strings.Cut(what, ","); ok && cert != "" && key != "" {
		return "files", []string{strings.TrimSpace(cert), strings.TrimSpace(key)}, nil
	}
	word := strings.Fields(what)
	switch {
	case len(word) == 0:
		return "", nil, nil
	case len(word) == 1 && word[0] == "lan":
		return "lan", nil, nil
	case len(word) == 2 && word[0] == "auto" && strings.Contains(word[1], ".") && net.ParseIP(word[1]) == nil:
		return "auto", word[1:], nil
	}
	return "", nil, fmt.Errorf(`tls %q: use lan, "auto NAME" with a public name, or CERT.pem,KEY.pem`, what)
}

// Open makes what ready; dir is where an authority of our own, or what a public one gave, is kept. It gives nil for no TLS.
func Open(what, dir string) (*Source, error) {
	kind, args, err := parse(what)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "files":
		pair, err := tls.LoadX509KeyPair(args[0], args[1])
		if err != nil {
			return nil, fmt.Errorf("tls: %w; give a certificate and its key, both as PEM", err)
		}
		return &Source{TLS: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, Hosts: pair.Leaf.DNSNames}, nil
	case "auto":
		m := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(args[0]), Cache: autocert.DirCache(filepath.Join(dir, "acme")),
		}
		c := m.TLSConfig() // answers the challenge over TLS itself, on port 443
		c.MinVersion = tls.VersionTLS12
		c.NextProtos = []string{"http/1.1", acme.ALPNProto} // websockets want no HTTP/2
		return &Source{TLS: c, Hosts: args}, nil
	case "lan":
		return openLAN(dir)
	}
	return nil, nil //nolint:nilnil // no TLS is no source
}

// errBroken says what to do with an authority that cannot be read.
var errBroken = errors.New("remove the file and its neighbour to make a new authority, which devices must then be told to trust again")
