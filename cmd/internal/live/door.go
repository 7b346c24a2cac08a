package live

import (
	"context"
	"fmt"
	"net"
	"path/filepath"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/web/access"
	"github.com/gioconda-live/gioconda/web/certs"
)

// TokensFile is where a configuration's tokens are kept: beside the personas.
func TokensFile(cfg *configs.Config) string { return filepath.Join(cfg.Gallery.Dir, "tokens.jsonl") }

// openDoor reads the tokens, makes the certificate ready, and refuses to open to others without both.
func (d *Server) openDoor() (err error) {
	cfg := d.o.Config
	if d.tokens, err = access.OpenTokens(TokensFile(cfg)); err != nil {
		return err
	}
	if err = exposed(cfg, d.tokens.Len()); err != nil {
		return err
	}
	d.certs, err = certs.Open(cfg.Web.TLS, filepath.Join(cfg.Gallery.Dir, "tls"))
	return err
}

// exposed reports what is missing to listen where others come.
func exposed(cfg *configs.Config, tokens int) error {
	host, _, _ := net.SplitHostPort(cfg.Web.Listen) // the configuration was validated
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if cfg.Web.TLS == "" && !cfg.Web.BehindProxy {
		return fmt.Errorf("web.listen %s lets others in, but there is no TLS: start with --tls lan (or --tls \"auto NAME\", or --tls CERT.pem,KEY.pem), "+
			"set web.behind_proxy where a proxy ends it, or listen on 127.0.0.1", cfg.Web.Listen)
	}
	if tokens == 0 {
		return fmt.Errorf("web.listen %s lets others in, but nobody has a token: make one with `gioconda token create --scope drive`, "+
			"or listen on 127.0.0.1", cfg.Web.Listen)
	}
	return nil
}

// leave is what the policy said of a request, as signalling needs it.
func leave(ctx context.Context) signalling.Leave {
	g := access.From(ctx)
	return signalling.Leave{Session: g.Session, Persona: g.Persona, Over: g.Over}
}

// over is closed when what the policy allowed a request ends.
func over(ctx context.Context) <-chan struct{} { return access.From(ctx).Over }
