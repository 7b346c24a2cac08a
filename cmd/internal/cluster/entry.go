package cluster

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// protocol is the version of what nodes say to each other. Nodes of another one do not see each other.
const protocol = 1

// State is how full a node is.
type State struct {
	Places int      `json:"places"`          // sessions that it holds
	Free   int      `json:"free"`            // further ones that it would let in now
	Load   float64  `json:"load"`            // share of what it may spend on sessions that is spent, 0 to 1
	P95    float64  `json:"p95_ms"`          // of the last frames, from a sample's arrival to the last packet
	Names  []string `json:"names,omitempty"` // of its sessions
}

// entry is what a node writes.
type entry struct {
	ID       string `json:"id"`
	URL      string `json:"url"` // of its page
	Protocol int    `json:"protocol"`
	Version  string `json:"version"` // of the program
	Seq      uint64 `json:"seq"`     // one more each time
	Now      int64  `json:"now"`     // milliseconds since 1970 on its clock
	Leaving  bool   `json:"leaving,omitempty"`
	State
}

// The bounds of what is believed.
const (
	maxEntry  = 64 << 10 // bytes
	maxNodes  = 1000
	maxNames  = 512 // of one node
	maxPlaces = 100_000
	maxURL    = 256
)

var (
	validID   = regexp.MustCompile(`^[a-z0-9]{4,32}$`)
	validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
)

// errProtocol says that a node speaks otherwise than this one.
var errProtocol = errors.New("it speaks another version of the protocol between nodes")

// check reports why an entry under a key cannot be used.
func (e *entry) check(id string) error {
	number := func(f, most float64) bool { return !math.IsNaN(f) && f >= 0 && f <= most }
	switch {
	case e.ID != id || !validID.MatchString(id):
		return errors.New("its id is not that of its key")
	case e.Protocol != protocol:
		return fmt.Errorf("%w: %d, version %.20q", errProtocol, e.Protocol, e.Version)
	case e.Places < 0 || e.Places > maxPlaces || e.Free < 0 || e.Free > e.Places:
		return fmt.Errorf("%d of %d places free", e.Free, e.Places)
	case !number(e.Load, 1e3) || !number(e.P95, 1e6):
		return fmt.Errorf("load %v, p95 %v", e.Load, e.P95)
	case len(e.Names) > maxNames:
		return fmt.Errorf("%d names", len(e.Names))
	case len(e.Version) > 64 || strings.ContainsFunc(e.Version, unicode.IsControl):
		return errors.New("its version is no word")
	}
	for _, name := range e.Names {
		if !validName.MatchString(name) {
			return errors.New("a name of a session is none")
		}
	}
	return CheckAddress(e.URL)
}

// CheckAddress reports why a URL cannot be that of a node's page: it is an origin and nothing else.
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" || u.Scheme+"://"+u.Host != address {
		return fmt.Errorf("%.80q is not the address of a node; write one such as https://a.example.org:8443", address)
	}
	return nil
}
