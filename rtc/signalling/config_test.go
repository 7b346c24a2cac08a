package signalling

import (
	"errors"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/rtc"
)

func TestConfig(t *testing.T) {
	good := DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	bad := Config{}
	err := bad.Validate()
	if !errors.Is(err, rtc.ErrConfig) {
		t.Fatal(err)
	}
	for _, key := range []string{"max_connections", "ping_every"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not reported in:\n%v", key, err)
		}
	}
	if _, err := New(good, Options{}); !errors.Is(err, rtc.ErrConfig) {
		t.Errorf("without a host: %v", err)
	}
}
