package rtctest

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/vnet"

	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

// Nets are a virtual network whose ends are 10 ms apart each way.
type Nets struct {
	Server, Client transport.Net
	Poor           transport.Net // another client, which may have losses of its own
	Down, Up       *netem.Link   // what leaves the server, and the client; they pass all at first

	mu          sync.Mutex
	rng         *rand.Rand
	share, poor float64
}

const poorIP = "10.0.0.4"

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
	n.Server, n.Client, n.Poor = join("10.0.0.2", n.Down), join("10.0.0.3", n.Up), join(poorIP, n.Up)
	router.AddChunkFilter(func(c vnet.Chunk) bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		share := n.share
		if ipOf(c.SourceAddr()) == poorIP || ipOf(c.DestinationAddr()) == poorIP {
			share = max(share, n.poor)
		}
		return n.rng.Float64() >= share
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

// LosePoor is Lose for the poor client alone.
func (n *Nets) LosePoor(share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.poor = share
}

func ipOf(a net.Addr) string {
	host, _, _ := net.SplitHostPort(a.String())
	return host
}
