package signalling

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/rtp/codecs"
	"github.com/pion/transport/v2/vnet"
	"github.com/pion/webrtc/v3/pkg/media/samplebuilder"

	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// lossyNets are the two ends of a virtual network that loses the given share of datagrams once it is told to,
// and delays them by 10 ms each way.
func lossyNets(t *testing.T, share float64) (server, client *vnet.Net, lose func()) {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/24", MinDelay: 10 * time.Millisecond, LoggerFactory: logging.NewDefaultLoggerFactory(),
	})
	if err != nil {
		t.Fatal(err)
	}
	nets := [2]*vnet.Net{}
	for i, ip := range []string{"10.0.0.2", "10.0.0.3"} {
		if nets[i], err = vnet.NewNet(&vnet.NetConfig{StaticIP: ip}); err != nil {
			t.Fatal(err)
		}
		if err := router.AddNet(nets[i]); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	rng, on := rand.New(rand.NewPCG(5, 6)), false
	router.AddChunkFilter(func(vnet.Chunk) bool {
		mu.Lock()
		defer mu.Unlock()
		return !on || rng.Float64() >= share
	})
	if err := router.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = router.Stop() })
	return nets[0], nets[1], func() {
		mu.Lock()
		defer mu.Unlock()
		on = true
	}
}

// TestLoss loses 5 % of all datagrams both ways: every picture must come, repaired by NACK, and most samples that
// were not lost themselves.
func TestLoss(t *testing.T) {
	mine, theirs, lose := lossyNets(t, 0.05)
	_, host, url := serveTest(t, func(c *setup) { c.media.Loopback, c.link.Net = false, mine })
	b := dial(t, url)
	b.net, b.loopback = theirs, false
	b.greet(nil).connect()
	lose()

	const samples = 90
	arrived := make(chan int)
	go func() { arrived <- count(host.last().mailbox, 6*time.Second) }()
	go func() {
		for i := range samples {
			_ = b.landmarks.Send(datagram(t, uint32(i)))
			time.Sleep(time.Second / 30)
		}
	}()

	d, err := vp8.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	build := samplebuilder.New(200, &codecs.VP8Packet{}, frame.ClockRate)
	whole, damaged, missing := 0, 0, 0
	for end := time.After(5 * time.Second); ; {
		select {
		case p := <-b.packets:
			build.Push(p)
			for s := build.Pop(); s != nil; s = build.Pop() {
				missing += int(s.PrevDroppedPackets)
				if _, err := d.Decode(s.Data); err != nil {
					damaged++
				} else {
					whole++
				}
			}
			continue
		case <-end:
		}
		break
	}
	got := <-arrived
	t.Logf("in 5 s: %d pictures, %d damaged, %d packets never came; %d of %d samples",
		whole, damaged, missing, got, samples)
	if whole < 120 || damaged > 3 {
		t.Errorf("%d pictures in 5 s, %d damaged", whole, damaged)
	}
	if got < samples*6/10 { // on a busy machine some wait in Pion's sender and overwrite each other
		t.Errorf("%d of %d samples", got, samples)
	}
}

// count takes arrivals for a while.
func count(box *latest.Slot[landmark.Arrival], long time.Duration) (n int) {
	var a landmark.Arrival
	for end := time.After(long); ; {
		select {
		case <-box.Ready():
			if box.Take(&a) {
				n++
			}
		case <-end:
			return n
		}
	}
}
