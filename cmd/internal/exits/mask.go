package exits

import (
	"net/url"
	"strings"
)

// secrets are texts that no log, status or error may hold.
type secrets []string

const masked = "•••"

// mask replaces them.
func (s secrets) mask(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, masked)
		text = strings.ReplaceAll(text, url.QueryEscape(secret), masked)
	}
	return text
}

// secretsOf are those of a URL: user, password, and the values of its query, which hold passphrases and tokens.
func secretsOf(u *url.URL) secrets {
	var s secrets
	if u.User != nil {
		p, _ := u.User.Password()
		s = append(s, u.User.Username(), p, u.User.String())
	}
	if u.RawQuery != "" {
		s = append(s, u.RawQuery)
	}
	for _, values := range u.Query() {
		for _, v := range values {
			if len(v) >= 4 { // shorter ones are settings, and would mask half of a sentence
				s = append(s, v)
			}
		}
	}
	return s
}

// Masked is a URL as a person may see it: without user, query and the last part of its path, which may be a stream key.
// A file's is as it is.
func Masked(u *url.URL) string {
	if u.Scheme == "file" {
		return u.String()
	}
	m := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if dir, _, ok := cutLast(u.Path); ok {
		m.Path = dir + "/" + masked
	}
	s := strings.ReplaceAll(m.String(), url.PathEscape(masked), masked)
	return s
}
