package configs

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Embedded is the URL of a cluster whose NATS server runs inside this program.
const Embedded = "embedded"

// Cluster says how this server finds others to work with. An empty URL: there are none.
type Cluster struct {
	URL        string        `yaml:"url"`     // of NATS, or Embedded
	Listen     string        `yaml:"listen"`  // of the embedded NATS server
	Address    string        `yaml:"address"` // of this server's page, for others and their visitors; empty: as web.listen and web.tls say
	Secret     string        `yaml:"secret"`  // that all share; empty: the password in URL
	SecretFile string        `yaml:"secret_file"`
	Drain      time.Duration `yaml:"drain"` // how long a server that is told to stop waits until its visitors have moved
}

// UnmarshalYAML also takes the URL alone.
func (c *Cluster) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&c.URL)
	}
	type plain Cluster
	return n.Decode((*plain)(c))
}

// DefaultCluster is no cluster.
func DefaultCluster() Cluster { return Cluster{Listen: "127.0.0.1:4222", Drain: 30 * time.Second} }

// Key is the secret that all servers share, read from its file where it stands there.
func (c *Cluster) Key() (string, error) {
	secret := c.Secret
	switch {
	case c.SecretFile != "":
		b, err := os.ReadFile(c.SecretFile)
		if err != nil {
			return "", fmt.Errorf("cluster.secret_file: %w", err)
		}
		secret = strings.TrimSpace(string(b))
	case secret == "" && c.URL != Embedded:
		if u, err := url.Parse(strings.TrimSpace(strings.Split(c.URL, ",")[0])); err == nil && u.User != nil {
			if secret, _ = u.User.Password(); secret == "" {
				secret = u.User.Username() // a token of NATS
			}
		}
	}
	if len(secret) < leastSecret {
		return "", fmt.Errorf("cluster: its servers need a secret of %d letters or more that they share: set cluster.secret_file, for example to what "+
			"`openssl rand -hex 32` prints, or write a password into cluster.url", leastSecret)
	}
	return secret, nil
}

// leastSecret is how short a secret may be.
const leastSecret = 16

// PageAddress is where others reach this server's page.
func (c *Config) PageAddress() (string, error) {
	if c.Cluster.Address != "" {
		return strings.TrimSuffix(c.Cluster.Address, "/"), nil
	}
	host, port, err := net.SplitHostPort(c.Web.Listen)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() || c.Web.BehindProxy || port == "0" {
		return "", errors.New("cluster.address is not set: write by which address others reach this server's page, for example https://a.example.org:8443")
	}
	if c.Web.TLS == "" {
		return "http://" + c.Web.Listen, nil
	}
	return "https://" + c.Web.Listen, nil
}

// validateCluster reports every fault at once. The URL of NATS, which may hold a password, is not shown.
func (c *Config) validateCluster() error {
	k := &c.Cluster
	if k.URL == "" {
		return nil
	}
	var errs []error
	if k.Secret != "" && k.SecretFile != "" {
		errs = append(errs, errors.New("give secret or secret_file, not both"))
	}
	if _, _, err := net.SplitHostPort(k.Listen); k.URL == Embedded && err != nil {
		errs = append(errs, fmt.Errorf("listen %q: write host:port, for example 127.0.0.1:4222", k.Listen))
	}
	if u, err := url.Parse(k.URL); k.URL != Embedded && (err != nil || u.Scheme == "" || u.Host == "") {
		errs = append(errs, errors.New("url: write nats://HOST:4222, or embedded"))
	}
	if k.Drain < 0 || k.Drain > time.Hour {
		errs = append(errs, fmt.Errorf("drain %v: use 0s to 1h", k.Drain))
	}
	if _, err := c.PageAddress(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Waits is how long a server that is told to stop may go on for its visitors: not at all where it is alone.
func (c *Cluster) Waits() time.Duration {
	if c.URL == "" {
		return 0
	}
	return c.Drain
}
