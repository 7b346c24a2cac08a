package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net"
	"net/http"

	"rsc.io/qr"

	"github.com/gioconda-live/gioconda/web/certs"
)

//go:embed authority.html
var authorityPage string

// addresses are the URLs under which other devices reach the server, the likeliest first; none without an authority of our own.
func addresses(c *certs.Source, listen string) []string {
	_, port, err := net.SplitHostPort(listen)
	if c == nil || err != nil {
		return nil
	}
	var all []string
	for _, h := range c.Hosts {
		if ip := net.ParseIP(h); h == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsLinkLocalUnicast()) {
			continue
		}
		if port == "443" {
			if net.ParseIP(h).To4() == nil && net.ParseIP(h) != nil {
				h = "[" + h + "]"
			}
			all = append(all, "https://"+h+"/")
		} else {
			all = append(all, "https://"+net.JoinHostPort(h, port)+"/")
		}
	}
	return all
}

// Addresses are the URLs for other devices, where the certificate is of an authority of our own.
func (s *Server) Addresses() []string {
	if s.Certs == nil || s.Certs.Authority == nil {
		return nil
	}
	return addresses(s.Certs, s.Config.Listen)
}

// authority explains how a device comes to trust this server.
func (s *Server) authority(w http.ResponseWriter, _ *http.Request) {
	t, err := template.New("").Parse(authorityPage)
	var b bytes.Buffer
	if err == nil {
		err = t.Execute(&b, addresses(s.Certs, s.Config.Listen))
	}
	if err != nil {
		s.failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the client may have gone
}

// authorityFile is the certificate, under the type by which systems offer to install it.
func (s *Server) authorityFile(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-x509-ca-cert")
	w.Header().Set("Content-Disposition", `attachment; filename="gioconda-ca.crt"`)
	_, _ = w.Write(s.Certs.Authority)
}

// authorityCode is the likeliest address of this page as a QR code.
func (s *Server) authorityCode(w http.ResponseWriter, _ *http.Request) {
	all := addresses(s.Certs, s.Config.Listen)
	if len(all) == 0 {
		fail(w, http.StatusNotFound, "no_address", "This machine has no address on a local network.")
		return
	}
	code, err := qr.Encode(all[0]+"ca", qr.M)
	if err != nil {
		s.failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(code.PNG())
}
