package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	authorityYears = 10
	leafFor        = 397 * 24 * time.Hour // the most that Apple's systems take is 825 days, of public ones 398
	renewBefore    = 30 * 24 * time.Hour
	lookAgain      = time.Minute // for another network
)

// lan issues certificates for this machine's names and addresses, by an authority that can vouch for local ones alone.
type lan struct {
	ca     *x509.Certificate
	key    *ecdsa.PrivateKey
	random func() (*big.Int, error)
	hosts  func() []string

	mu     sync.Mutex // guards the following
	leaf   *tls.Certificate
	of     []string // hosts of the leaf
	looked time.Time
}

func openLAN(dir string) (*Source, error) {
	ca, key, raw, err := authority(dir)
	if err != nil {
		return nil, err
	}
	l := &lan{ca: ca, key: key, random: serial, hosts: localHosts}
	if _, err := l.certificate(nil); err != nil {
		return nil, err
	}
	return &Source{
		TLS:       &tls.Config{GetCertificate: l.certificate, MinVersion: tls.VersionTLS12},
		Authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), Hosts: slices.Clone(l.of),
	}, nil
}

// certificate implements tls.Config.GetCertificate: it makes a new one when the machine has another address, or in time.
func (l *lan) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.leaf != nil && now.Sub(l.looked) < lookAgain {
		return l.leaf, nil
	}
	l.looked = now
	hosts := l.hosts()
	if l.leaf != nil && slices.Equal(hosts, l.of) && now.Before(l.leaf.Leaf.NotAfter.Add(-renewBefore)) {
		return l.leaf, nil
	}
	leaf, err := l.issue(hosts, now)
	if err != nil {
		return nil, fmt.Errorf("tls: a certificate for %v: %w", hosts, err)
	}
	l.leaf, l.of = leaf, hosts
	return leaf, nil
}

func (l *lan) issue(hosts []string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	number, err := l.random()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: "Gioconda on " + hosts[0]},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(leafFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, t, l.ca, &key.PublicKey, l.key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(raw)
	return &tls.Certificate{Certificate: [][]byte{raw, l.ca.Raw}, PrivateKey: key, Leaf: parsed}, err
}

// authority reads the authority that is kept in dir, or makes one.
func authority(dir string) (*x509.Certificate, *ecdsa.PrivateKey, []byte, error) {
	certPath, keyPath := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem")
	pair, err := tls.LoadX509KeyPair(certPath, keyPath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeAuthority(dir, certPath, keyPath)
	case err != nil:
		return nil, nil, nil, fmt.Errorf("tls: %s: %w; %w", certPath, err, errBroken)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA || time.Now().After(pair.Leaf.NotAfter.Add(-leafFor)) {
		return nil, nil, nil, fmt.Errorf("tls: %s is not our authority's, or nearly over; %w", certPath, errBroken)
	}
	return pair.Leaf, key, pair.Certificate[0], nil
}

func makeAuthority(dir, certPath, keyPath string) (*x509.Certificate, *ecdsa.PrivateKey, []byte, error) {
	fault := func(err error) (*x509.Certificate, *ecdsa.PrivateKey, []byte, error) {
		return nil, nil, nil, fmt.Errorf("tls: making an authority in %s: %w", dir, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fault(err)
	}
	number, err := serial()
	if err != nil {
		return fault(err)
	}
	host, _ := os.Hostname() // a nameless machine has its addresses
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: "Gioconda of " + host, Organization: []string{"made on this machine, for its own network"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(authorityYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		// Whoever steals the key can pretend to be nobody on the internet.
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: permittedNames(host), PermittedIPRanges: privateRanges(),
	}
	raw, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return fault(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return fault(err)
	}
	if err = os.MkdirAll(dir, 0o700); err != nil {
		return fault(err)
	}
	err = os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
	if err == nil {
		err = os.WriteFile(certPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600)
	}
	if err != nil {
		return fault(err)
	}
	ca, err := x509.ParseCertificate(raw)
	if err != nil {
		return fault(err)
	}
	return ca, key, raw, nil
}

func serial() (*big.Int, error) { return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) }
