package whip

import (
	"net/url"
	"strings"

	"github.com/gioconda-live/gioconda/rtc"
)

// maxServers is how many STUN and TURN servers of one endpoint are used.
const maxServers = 8

// iceServers reads Link headers with rel="ice-server". What cannot be read is skipped: targets may be escaped, and
// parameters stand with quotes or without.
func iceServers(links []string) (servers []rtc.ICEServer) {
	for _, header := range links {
		for _, link := range split(header, ',') {
			target, rest, ok := strings.Cut(strings.TrimSpace(link), ">")
			if !ok || !strings.HasPrefix(target, "<") || len(servers) == maxServers {
				continue
			}
			target = target[1:]
			if plain, err := url.PathUnescape(target); err == nil {
				target = plain
			}
			s := rtc.ICEServer{URLs: []string{target}}
			rel := ""
			for _, p := range split(rest, ';') {
				key, value, _ := strings.Cut(p, "=")
				value = unquote(strings.TrimSpace(value))
				switch strings.ToLower(strings.TrimSpace(key)) {
				case "rel":
					rel = value
				case "username":
					s.Username = value
				case "credential":
					s.Credential = value
				}
			}
			if strings.EqualFold(rel, "ice-server") && usable(&s) {
				servers = append(servers, s)
			}
		}
	}
	return servers
}

// usable tells whether a server would pass the transport's own checks.
func usable(s *rtc.ICEServer) bool {
	c := rtc.DefaultConfig()
	c.ICEServers = []rtc.ICEServer{*s}
	return c.Validate() == nil
}

// split cuts at a separator outside quotes and angle brackets.
func split(text string, at byte) (parts []string) {
	start, quoted, inside := 0, false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '<':
			inside = true
		case !quoted && c == '>':
			inside = false
		case c == at && !quoted && !inside:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// unquote takes the quotes off a quoted string, and the backslashes out of it.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i < len(s)-2 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
