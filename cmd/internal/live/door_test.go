package live

import (
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/configs"
)

func TestExposed(t *testing.T) {
	for name, c := range map[string]struct {
		listen, tls string
		proxy       bool
		tokens      int
		says        string // "" is allowed
	}{
		"this machine":               {listen: "127.0.0.1:8080"},
		"this machine by name":       {listen: "localhost:8080"},
		"this machine, IPv6":         {listen: "[::1]:8080"},
		"everybody":                  {listen: "0.0.0.0:8080", says: "--tls lan"},
		"everybody, no host":         {listen: ":8080", says: "--tls lan"},
		"everybody with tokens":      {listen: "0.0.0.0:8080", tokens: 1, says: "--tls lan"},
		"everybody over TLS":         {listen: "0.0.0.0:8443", tls: "lan", says: "token create"},
		"everybody as it should be":  {listen: "0.0.0.0:8443", tls: "lan", tokens: 1},
		"a proxy without tokens":     {listen: "192.168.1.7:8080", proxy: true, says: "token create"},
		"a proxy on another machine": {listen: "192.168.1.7:8080", proxy: true, tokens: 1},
	} {
		cfg := configs.Default()
		cfg.Web.Listen, cfg.Web.TLS, cfg.Web.BehindProxy = c.listen, c.tls, c.proxy
		err := exposed(&cfg, c.tokens)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
