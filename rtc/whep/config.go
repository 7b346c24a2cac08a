package whep

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

// Config bounds the viewers.
type Config struct {
	// MaxViewers is how many may watch at once, all sessions together.
	MaxViewers int `yaml:"max_viewers"`
}

// DefaultConfig lets a small audience watch.
func DefaultConfig() Config { return Config{MaxViewers: 64} }

// Validate fails with rtc.ErrConfig.
func (c *Config) Validate() error {
	if c.MaxViewers < 0 || c.MaxViewers > 10_000 {
		return fmt.Errorf("%w: max_viewers %d: use 0 to 10000", rtc.ErrConfig, c.MaxViewers)
	}
	return nil
}

// Session is what can be watched.
type Session interface {
	rtc.Listenable
	// Form gives the picture in the form that the query of a player's address asks for; the error is a sentence for people.
	Form(q url.Values) (rtc.Viewable, error)
	// Done is closed when the session ends; who watches it is let go then.
	Done() <-chan struct{}
}

// Host finds sessions.
type Host interface {
	// Watch gives the live session of a name; false while there is none.
	Watch(name string) (Session, bool)
}

// Options are what a Server works with.
type Options struct {
	Host       Host
	Transport  *rtc.Transport // of the media; outlives the Server
	PerAddress int            // viewers from one address; 0: no bound of its own
	// Over gives what is closed when the leave of a request's player ends, and the player with it; its context is that of
	// the request. nil, or a nil channel: never.
	Over func(context.Context) <-chan struct{}
	Log  *slog.Logger // nil: none
	Rand io.Reader    // of the addresses of viewers; nil: crypto/rand
}

// What viewers may take of the server.
const (
	maxBody       = 64 << 10 // bytes of an offer or a fragment
	gatherWithin  = 10 * time.Second
	connectWithin = 15 * time.Second // until media flows
	silentFor     = 30 * time.Second // a player reports every few seconds
	offerRate     = 10               // a second, of all players, with a burst of offerBurst
	offerBurst    = 100              // an audience that comes back after a restart
	patchRate     = 5                // a second, of one player, with a burst of patchBurst
	patchBurst    = 50
	retryIdle     = "2"  // seconds until a name is worth another try,
	retryFull     = "10" // and a full server
)
