package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCluster(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(" 0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]struct{ url, key, address, says string }{
		"": {},
		"cluster: nats://n:0123456789abcdef@h:4222":                                           {"nats://n:0123456789abcdef@h:4222", "0123456789abcdef", "http://127.0.0.1:8080", ""},
		"cluster: nats://h:4222":                                                              {"nats://h:4222", "", "http://127.0.0.1:8080", ""},
		"cluster: {url: embedded, secret_file: " + secret + "}\nweb: {tls: lan}":              {"embedded", "0123456789abcdef", "https://127.0.0.1:8080", ""},
		"cluster: {url: embedded, secret_file: x, secret: y}":                                 {says: "not both"},
		"cluster: {url: embedded, listen: x}":                                                 {says: "listen"},
		"cluster: {url: '::'}":                                                                {says: "nats://HOST"},
		"cluster: {url: embedded, drain: -1s}":                                                {says: "drain"},
		"cluster: embedded\nweb: {listen: '0.0.0.0:8443'}":                                    {says: "cluster.address"},
		"cluster: {url: embedded, address: 'https://a.example/'}\nweb: {listen: '0.0.0.0:1'}": {url: "embedded", address: "https://a.example"},
	} {
		path := filepath.Join(dir, "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(path, none)
		if want.says != "" {
			if err == nil || !strings.Contains(err.Error(), want.says) {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err != nil || c.Cluster.URL != want.url {
			t.Errorf("%s: %q, %v", text, c.Cluster.URL, err)
			continue
		}
		if c.Cluster.URL == "" {
			continue
		}
		key, err := c.Cluster.Key()
		if key != want.key || (err == nil) != (want.key != "") {
			t.Errorf("%s: key %q, %v", text, key, err)
		}
		if address, err := c.PageAddress(); err != nil || address != want.address {
			t.Errorf("%s: %q, %v", text, address, err)
		}
	}
}
