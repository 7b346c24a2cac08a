package exits

import (
	"net/url"
	"slices"
	"strings"
)

// secrets are texts that no log, status or error may hold.
type secrets []string

// mask replaces them.
func (s secrets) mask(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, hidden)
		text = strings.ReplaceAll(text, url.QueryEscape(secret), hidden)
	}
	return text
}

// secretsOf are those of a URL, and more: user, password, and the values of its query, which hold passphrases and tokens.
func secretsOf(u *url.URL, more ...string) secrets {
	s := append(secrets{u.RawQuery}, more...)
	if u.User != nil {
		p, _ := u.User.Password()
		s = append(s, u.User.String(), u.User.Username(), p)
	}
	for _, values := range u.Query() {
		for _, v := range values {
			if len(v) >= 4 { // shorter ones are settings, and would hide half of a sentence
				s = append(s, v)
			}
		}
	}
	return slices.DeleteFunc(s, func(v string) bool { return v == "" })
}
