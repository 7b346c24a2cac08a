package live

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/web/access"
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
		"a proxy on this machine":    {listen: "127.0.0.1:8080", proxy: true},
	} {
		cfg := configs.Default()
		cfg.Web.Listen, cfg.Web.TLS, cfg.Web.BehindProxy = c.listen, c.tls, c.proxy
		err := exposed(&cfg, c.tokens)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestShut: a server that lets in nobody says so when it starts.
func TestShut(t *testing.T) {
	for name, c := range map[string]struct {
		proxy  bool
		tokens int
		says   bool
	}{
		"this machine": {}, "a proxy and tokens": {proxy: true, tokens: 1}, "a proxy without": {proxy: true, says: true},
	} {
		cfg := configs.Default()
		cfg.Web.BehindProxy, cfg.Gallery.Dir = c.proxy, t.TempDir()
		if c.tokens > 0 {
			tokens, err := access.OpenTokens(TokensFile(&cfg))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := tokens.Create(access.Token{Scope: access.ScopeDrive}); err != nil {
				t.Fatal(err)
			}
		}
		var said strings.Builder
		d := &Server{o: &Options{Config: &cfg, Log: slog.New(slog.NewTextHandler(&said, nil))}}
		if err := d.openDoor(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(said.String(), "token create"); got != c.says {
			t.Errorf("%s: it says %q", name, said.String())
		}
	}
}
