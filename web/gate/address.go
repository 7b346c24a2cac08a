package gate

import (
	"net"
	"net/http"
	"strings"
)

// Forwarded has the handlers behind it see, as RemoteAddr, the address that a proxy on this machine says a request is from: the
// last one that X-Forwarded-For names. What others write there is not believed.
func Forwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ip := net.ParseIP(hostOf(r.RemoteAddr)); ip == nil || !ip.IsLoopback() {
			next.ServeHTTP(w, r)
			return
		}
		list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if ip := net.ParseIP(strings.TrimSpace(list[len(list)-1])); ip != nil {
			r = r.Clone(r.Context())
			r.RemoteAddr = net.JoinHostPort(ip.String(), "0")
		}
		next.ServeHTTP(w, r)
	})
}
