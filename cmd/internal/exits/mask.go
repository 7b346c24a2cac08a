package exits

import (
	"net/url"
	"strings"
)

// hidden stands for what is not shown.
const hidden = "…"

// Mask is a URL without what may be secret: a password, the values of its query, parts of its path that are as long as keys
// are, and for RTMP, where the key of the stream is always the last part of the path, that one.
func Mask(u *url.URL) string {
	if u.Scheme == "file" || u.Opaque != "" {
		return u.Scheme + ":" + u.Opaque + u.Path
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, p := range parts {
		key := strings.HasPrefix(u.Scheme, "rtmp") && i == len(parts)-1 && i > 1
		if key && p != "" || len(p) >= 20 {
			parts[i] = hidden
		}
	}
	text := u.Scheme + "://"
	if u.User != nil {
		text += hidden + "@"
	}
	text += u.Host + strings.Join(parts, "/")
	if u.RawQuery != "" {
		var pairs []string
		for pair := range strings.SplitSeq(u.RawQuery, "&") {
			key, _, _ := strings.Cut(pair, "=")
			pairs = append(pairs, key+"="+hidden)
		}
		text += "?" + strings.Join(pairs, "&")
	}
	return text
}
