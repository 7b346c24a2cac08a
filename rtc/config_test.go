package rtc

import (
	"errors"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	good := DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	bad := Config{
		Codecs: []string{"av1"}, UDPPort: -1, PublicIPs: []string{"here"},
		ICEServers: []ICEServer{{}, {URLs: []string{"turn:x:3478"}}, {URLs: []string{"http://x"}}},
	}
	err := bad.Validate()
	if !errors.Is(err, ErrConfig) {
		t.Fatal(err)
	}
	for _, key := range []string{
		"message_rate", "codecs", "udp_port", "public_ips",
		"ice_servers[0]", "ice_servers[1]", "ice_servers[2]",
	} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not reported in:\n%v", key, err)
		}
	}
	if _, err := NewTransport(good, Options{Bitrate: Bitrate{Min: 2, Start: 1, Max: 3}}); !errors.Is(err, ErrConfig) {
		t.Errorf("bitrates upside down: %v", err)
	}
}
