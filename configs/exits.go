package configs

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/rtc"
)

// Exit is a way out that is opened whenever a session of that name comes.
type Exit struct {
	Session   string `yaml:"session"`
	URL       string `yaml:"url"`
	Token     string `yaml:"token"`      // that the other side asks for; secret
	TokenFile string `yaml:"token_file"` // holds it instead
	Codec     string `yaml:"codec"`      // vp8 or h264; empty: what the other side is known to take
	Aspect    string `yaml:"aspect"`     // 1:1 or 16:9; empty: as picture.aspect
	Bitrate   int    `yaml:"bitrate"`    // bit/s at most; 0: pipeline.bitrate_max
	Trickle   bool   `yaml:"trickle"`    // of WHIP: send candidates as they are found
}

// validate reports every fault at once; what may be secret is not shown.
func (e *Exit) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(rtc.ValidName(e.Session), "session %q: use 1 to %d of the letters a to z, digits and hyphens", e.Session, rtc.MaxName)
	u, err := url.Parse(e.URL)
	check(err == nil && u.Scheme != "", "url: write one such as https://ingest.example.org/whip")
	check(e.Token == "" || e.TokenFile == "", "give token or token_file, not both")
	check(e.Codec == "" || e.Codec == rtc.CodecVP8 || e.Codec == rtc.CodecH264, "codec %q: use %s or %s", e.Codec, rtc.CodecVP8, rtc.CodecH264)
	check(slices.Contains([]string{"", "1:1", "16:9"}, e.Aspect), "aspect %q: use 1:1 or 16:9", e.Aspect)
	check(e.Bitrate >= 0, "bitrate %d: use bit/s above 0", e.Bitrate)
	return errors.Join(errs...)
}

// Secret is the token, read from its file where it stands there.
func (e *Exit) Secret() (string, error) {
	if e.TokenFile == "" {
		return e.Token, nil
	}
	b, err := os.ReadFile(e.TokenFile)
	if err != nil {
		return "", fmt.Errorf("token_file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
