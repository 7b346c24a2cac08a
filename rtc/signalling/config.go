package signalling

import (
	"errors"
	"fmt"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

// Config sets how many may connect, and how long a session waits.
type Config struct {
	// MaxConnections bounds the open websockets, MaxPerAddress those of one address (0: no bound of its own;
	// behind a reverse proxy all share its address). How many sessions there may be is the Host's to say.
	MaxConnections int `yaml:"max_connections"`
	MaxPerAddress  int `yaml:"max_per_address"`
	// Grace is how long a session waits for its browser to come back.
	Grace time.Duration `yaml:"grace"`
	// PingEvery is the keepalive of a websocket; one that is silent for three of them is closed.
	PingEvery time.Duration `yaml:"ping_every"`
}

// DefaultConfig serves a few browsers.
func DefaultConfig() Config {
	return Config{
		MaxConnections: 512, MaxPerAddress: 16, Grace: 30 * time.Second, PingEvery: 10 * time.Second,
	}
}

// Validate reports every fault at once, joined; each wraps rtc.ErrConfig.
func (c *Config) Validate() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{rtc.ErrConfig}, args...)...))
		}
	}
	between := func(key string, v, lo, hi int) {
		check(v >= lo && v <= hi, "%s %d: use %d to %d", key, v, lo, hi)
	}
	between("max_connections", c.MaxConnections, 1, 10_000)
	between("max_per_address", c.MaxPerAddress, 0, 10_000)
	check(c.Grace >= 0 && c.Grace <= time.Hour, "grace %v: use 0s to 1h", c.Grace)
	check(c.PingEvery >= 100*time.Millisecond && c.PingEvery <= 5*time.Minute,
		"ping_every %v: use 100ms to 5m", c.PingEvery)
	return errors.Join(faults...)
}
