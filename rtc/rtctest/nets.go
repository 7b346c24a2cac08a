package rtctest

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/vnet"

	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

// Nets are a virtual network with two ends, 10 ms apart each way.
type Nets struct {
	Server, Client transport.Net
	Down, Up       *netem.Link // what leaves the server, and the client; they pass all at first

	mu    sync.Mutex
	rng   *rand.Rand
	share float64
}

// NewNets starts a network that loses nothing; it stops when the test ends.
func NewNets(t testing.TB) *Nets {
	t.Helper()
	quiet := &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	router, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/24", MinDelay: 10 * time.Millisecond, LoggerFactory: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	n := &Nets{
		Down: netem.NewLink(netem.Conditions{}, 1), Up: netem.NewLink(netem.Conditions{}, 2), rng: rand.New(rand.NewPCG(5, 6)),
	}
	join := func(ip string, l *netem.Link) transport.Net {
		end, err := vnet.NewNet(&vnet.NetConfig{StaticIP: ip})
		if err == nil {
			err = router.AddNet(end)
		}
		if err != nil {
			t.Fatal(err)
		}
		return emulated{end, l}
	}
	n.Server, n.Client = join("10.0.0.2", n.Down), join("10.0.0.3", n.Up)
	router.AddChunkFilter(func(vnet.Chunk) bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.rng.Float64() >= n.share
	})
	if err := router.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = router.Stop() })
	return n
}

// Change puts the way from the server to the client under other conditions, as netem.Conditions.With reads them.
func (n *Nets) Change(t testing.TB, down string) {
	t.Helper()
	c, err := n.Down.Conditions().With(down)
	if err != nil {
		t.Fatal(err)
	}
	n.Down.Change(c)
}

// Lose lets the network lose that share of all datagrams, both ways; 1 cuts it.
func (n *Nets) Lose(share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.share = share
}
