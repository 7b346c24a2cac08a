// Package exits opens ways out of a session, each by the scheme of its URL.
package exits

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/pipeline"
)

// kinds is the table of all exits: what opens a URL of each scheme.
func kinds() map[string]func(*url.URL) (pipeline.Exit, error) {
	return map[string]func(*url.URL) (pipeline.Exit, error){
		"file": openRecording,
	}
}

// Open makes the exit that a URL names; it is run by the caller. It fails with a sentence that lists the schemes.
func Open(text string) (pipeline.Exit, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("exit %q: %w", text, err)
	}
	open, ok := kinds()[u.Scheme]
	if !ok {
		schemes := slices.Sorted(maps.Keys(kinds()))
		return nil, fmt.Errorf("exit %q: there is no such way out; there are %s", text, strings.Join(schemes, ", "))
	}
	return open(u)
}
