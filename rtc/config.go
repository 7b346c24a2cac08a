package rtc

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// The names of the codecs on the wire and in Config.Codecs.
const (
	CodecVP8  = "vp8"
	CodecH264 = "h264"
	CodecAuto = "auto" // of ChooseCodec: whatever both sides can
)

// Config sets how media travels.
type Config struct {
	// MessageRate is how many control messages, and how many signalling messages, a browser may send in a second.
	MessageRate int `yaml:"message_rate"`
	// SampleRate is how many landmark samples a second a browser may send; more are dropped.
	SampleRate int `yaml:"sample_rate"`

	// Codecs in order of preference: vp8, h264.
	Codecs []string `yaml:"codecs"`
	// PlayoutDelay asks browsers to show frames at once, unless the browser said no.
	PlayoutDelay bool `yaml:"playout_delay"`

	// UDPPort carries all media on one port; 0 takes a free port for each connection.
	UDPPort int `yaml:"udp_port"`
	// TCPPort is a way in where UDP is blocked; 0 is none.
	TCPPort int `yaml:"tcp_port"`
	// Interfaces limits media to these network interfaces; empty is all.
	Interfaces []string `yaml:"interfaces"`
	// Loopback offers 127.0.0.1 as well, for a browser on the same machine.
	Loopback bool `yaml:"loopback"`
	// PublicIPs stand in for the local addresses behind a one-to-one NAT.
	PublicIPs []string `yaml:"public_ips"`
	// ICEServers are STUN and TURN servers, for the server and for its browsers.
	ICEServers []ICEServer `yaml:"ice_servers"`
}

// ICEServer is one STUN or TURN server; browsers are told the credentials.
type ICEServer struct {
	URLs       []string `yaml:"urls" json:"urls"`
	Username   string   `yaml:"username" json:"username,omitempty"`
	Credential string   `yaml:"credential" json:"credential,omitempty"`
}

// DefaultConfig serves browsers on this machine and its network.
func DefaultConfig() Config {
	return Config{
		MessageRate: 50, SampleRate: 120,
		Codecs: []string{CodecVP8, CodecH264}, PlayoutDelay: true, Loopback: true,
	}
}

// Validate reports every fault at once, joined; each wraps ErrConfig.
func (c *Config) Validate() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrConfig}, args...)...))
		}
	}
	between := func(key string, v, lo, hi int) {
		check(v >= lo && v <= hi, "%s %d: use %d to %d", key, v, lo, hi)
	}
	between("message_rate", c.MessageRate, 5, 1000)
	between("sample_rate", c.SampleRate, 10, 1000)
	between("udp_port", c.UDPPort, 0, 65535)
	between("tcp_port", c.TCPPort, 0, 65535)
	check(len(c.Codecs) > 0, "codecs: name at least one of %s and %s", CodecVP8, CodecH264)
	for _, name := range c.Codecs {
		check(name == CodecVP8 || name == CodecH264, "codecs %q: use %s or %s", name, CodecVP8, CodecH264)
	}
	for _, ip := range c.PublicIPs {
		check(net.ParseIP(ip) != nil, "public_ips %q: use an IP address", ip)
	}
	faults = append(faults, c.validateServers()...)
	return errors.Join(faults...)
}

func (c *Config) validateServers() (faults []error) {
	for i, s := range c.ICEServers {
		if len(s.URLs) == 0 {
			faults = append(faults, fmt.Errorf("%w: ice_servers[%d]: name at least one of urls", ErrConfig, i))
		}
		for _, u := range s.URLs {
			scheme, rest, _ := strings.Cut(u, ":")
			switch {
			case rest == "" || (scheme != "stun" && scheme != "stuns" && scheme != "turn" && scheme != "turns"):
				faults = append(faults, fmt.Errorf("%w: ice_servers[%d] %q: use stun:host:port or turn:host:port",
					ErrConfig, i, u))
			case strings.HasPrefix(scheme, "turn") && (s.Username == "" || s.Credential == ""):
				faults = append(faults, fmt.Errorf("%w: ice_servers[%d] %q: a TURN server needs username and credential",
					ErrConfig, i, u))
			}
		}
	}
	return faults
}
