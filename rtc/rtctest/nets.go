package rtctest

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v2/vnet"
)

// Nets are a virtual network with two ends, 10 ms apart each way.
type Nets struct {
	Server, Client *vnet.Net

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
	n := &Nets{rng: rand.New(rand.NewPCG(5, 6))}
	for ip, end := range map[string]**vnet.Net{"10.0.0.2": &n.Server, "10.0.0.3": &n.Client} {
		if *end, err = vnet.NewNet(&vnet.NetConfig{StaticIP: ip}); err != nil {
			t.Fatal(err)
		}
		if err := router.AddNet(*end); err != nil {
			t.Fatal(err)
		}
	}
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

// Lose lets the network lose that share of all datagrams, both ways; 1 cuts it.
func (n *Nets) Lose(share float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.share = share
}
