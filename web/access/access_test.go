package access

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAuthorise(t *testing.T) {
	const here, everywhere = "127.0.0.1:8080", "0.0.0.0:8080"
	for name, c := range map[string]struct {
		listen   string
		over     string // local address of the connection, "" for none known
		origins  []string
		host     string
		origin   string
		wantCode string // "" is let in
	}{
		"a program":                              {listen: here, host: "localhost:8080"},
		"own page":                               {listen: here, host: "localhost:8080", origin: "http://localhost:8080"},
		"own page by address":                    {listen: here, host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080"},
		"own page over IPv6":                     {listen: "[::1]:8080", host: "[::1]:8080", origin: "http://[::1]:8080"},
		"own page without a port":                {listen: here, host: "localhost", origin: "http://localhost"},
		"case does not count":                    {listen: here, host: "LocalHost:8080", origin: "http://localhost:8080"},
		"a page elsewhere":                       {listen: here, host: "localhost:8080", origin: "https://foe.example", wantCode: "bad_origin"},
		"another port":                           {listen: here, host: "localhost:8080", origin: "http://localhost:1", wantCode: "bad_origin"},
		"a page without an origin of its own":    {listen: here, host: "localhost:8080", origin: "null", wantCode: "bad_origin"},
		"no URL":                                 {listen: here, host: "localhost:8080", origin: "://", wantCode: "bad_origin"},
		"a name that points here":                {listen: here, host: "foe.example", wantCode: "bad_host"},
		"and its page":                           {listen: here, host: "foe.example", origin: "http://foe.example", wantCode: "bad_host"},
		"a listed origin":                        {listen: here, origins: []string{"https://friend.example"}, host: "localhost:8080", origin: "HTTPS://FRIEND.example"},
		"its name":                               {listen: here, origins: []string{"https://friend.example"}, host: "friend.example", origin: "https://friend.example"},
		"not a listed one":                       {listen: here, origins: []string{"https://friend.example"}, host: "localhost:8080", origin: "https://foe.example", wantCode: "bad_origin"},
		"any origin":                             {listen: here, origins: []string{"*"}, host: "foe.example", origin: "https://foe.example"},
		"served to others":                       {listen: everywhere, over: "192.0.2.1", host: "me.example:8080", origin: "http://me.example:8080"},
		"served to others, a page elsewhere":     {listen: everywhere, over: "192.0.2.1", host: "me.example:8080", origin: "http://foe.example", wantCode: "bad_origin"},
		"served to others, asked from within":    {listen: everywhere, over: "127.0.0.1", host: "localhost:8080", origin: "http://localhost:8080"},
		"served to others, a name points within": {listen: everywhere, over: "127.0.0.1", host: "foe.example", origin: "http://foe.example", wantCode: "bad_host"},
		"behind a proxy that is listed":          {listen: everywhere, over: "127.0.0.1", origins: []string{"https://me.example"}, host: "me.example", origin: "https://me.example"},
	} {
		p := &Policy{Listen: c.listen, Origins: c.origins}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.over != "" {
			local := &net.TCPAddr{IP: net.ParseIP(c.over), Port: 8080}
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		}
		g, err := p.Authorise(r, Request{Action: Open})
		var d *DeniedError
		switch {
		case c.wantCode == "" && (err != nil || (g.Action != Open || g.Origin != c.origin)):
			t.Errorf("%s: %+v, %v", name, g, err)
		case c.wantCode != "" && (!errors.As(err, &d) || d.Code != c.wantCode || d.Status < 400 || d.Message == ""):
			t.Errorf("%s: %v, want %s", name, err, c.wantCode)
		}
	}
}
