package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cluster"
	"github.com/gioconda-live/gioconda/cmd/internal/cluster/embedded"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc/caller"
)

const (
	secret   = "a secret that all of them share"
	visitors = 40
	places   = 20 // of a node: two of three hold exactly all
	rate     = 5  // samples and pictures a second
)

// TestThreeProcesses: forty visitors come to one of three servers. One is killed, a new one comes, one is stopped. Nobody is refused while
// there is room, and nobody's session is lost but those of the server that was killed, who are back within five seconds.
func TestThreeProcesses(t *testing.T) {
	testenv.Full(t)
	testenv.Config(t)
	bus, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", Password: cluster.Password(secret), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, bus)
	program := build(t)
	began := time.Now()
	var house []*process
	for range 3 {
		house = append(house, start(t, program, bus.URL()))
	}
	for _, p := range house {
		p.waitFor(t, "gioconda_cluster_nodes", 3)
	}
	t.Logf("three nodes after %v", time.Since(began).Round(time.Millisecond))

	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	crowd := make([]*visitor, visitors)
	defer func() {
		cancel()
		all.Wait()
	}()
	began = time.Now()
	for i := range crowd {
		crowd[i] = &visitor{name: fmt.Sprintf("visitor-%d", i), from: net.IPv4(127, 0, 1, byte(i+1)), server: house[0].url}
		all.Go(func() { crowd[i].stay(ctx) })
		time.Sleep(30 * time.Millisecond)
	}
	until(t, 30*time.Second, func() string { return missing(crowd, began) })
	t.Logf("all are in after %v: %v", time.Since(began).Round(time.Millisecond), spread(crowd))
	for node, n := range spread(crowd) {
		if n > places || n < visitors/3-3 {
			t.Errorf("%d are at %s; they should be spread", n, node)
		}
	}
	calm(t, crowd, 1)

	// The one to which all of them came is killed.
	killed := house[0]
	before := where(crowd)
	_ = killed.cmd.Process.Kill()
	began = time.Now()
	until(t, 30*time.Second, func() string { return missing(crowd, began) })
	back, others := time.Duration(0), 0
	for i, v := range crowd {
		switch {
		case before[i] == killed.url:
			back = max(back, v.lastCame().Sub(began))
		case v.visits.Load() > 1:
			others++
		}
	}
	t.Logf("one is killed: its visitors have pictures again after %v at most; %v", back.Round(time.Millisecond), spread(crowd))
	if back > 5*time.Second {
		t.Errorf("those of the one that was killed are back after %v", back)
	}
	if others > 0 {
		t.Errorf("%d visitors of the others were disturbed", others)
	}
	calm(t, crowd, 2)

	// A new one comes, and one is stopped.
	house[0] = start(t, program, bus.URL())
	for _, p := range house {
		p.waitFor(t, "gioconda_cluster_nodes", 3)
	}
	before = where(crowd)
	stopped := house[1]
	_ = stopped.cmd.Process.Signal(syscall.SIGTERM)
	began = time.Now()
	if err := stopped.wait(); err != nil {
		t.Errorf("the one that was stopped: %v: %s", err, stopped.said.Bytes())
	}
	took := time.Since(began)
	until(t, 30*time.Second, func() string { return missing(crowd, began) })
	gap := time.Duration(0)
	for i, v := range crowd {
		if before[i] == stopped.url {
			gap = max(gap, v.gap())
		}
	}
	t.Logf("one is stopped: it ends after %v, its visitors were without pictures for %v at most; %v",
		took.Round(time.Millisecond), gap.Round(time.Millisecond), spread(crowd))
	if took > 15*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	calm(t, crowd, 3)
}

// calm fails where somebody was refused, or has another name, or came more often than that.
func calm(t *testing.T, crowd []*visitor, most int32) {
	t.Helper()
	for _, v := range crowd {
		v.mu.Lock()
		if v.refused != nil {
			t.Errorf("%s was refused: %v", v.name, v.refused)
		}
		if v.got != v.name {
			t.Errorf("%s is called %s", v.name, v.got)
		}
		v.mu.Unlock()
		if n := v.visits.Load(); n > most {
			t.Errorf("%s came %d times", v.name, n)
		}
	}
}

// visitor drives a session, wherever it is sent, until it is told to go.
type visitor struct {
	name, server string
	from         net.IP
	visits       atomic.Int32

	mu            sync.Mutex // guards the following
	refused       error
	got           string
	at            string // URL of the page's server
	came, lastWas time.Time
	pictures      time.Time // when the last packet came
}

func (v *visitor) stay(ctx context.Context) {
	route := caller.NewRoute(v.server, "")
	for ctx.Err() == nil {
		dialing, cancel := context.WithTimeout(ctx, 20*time.Second)
		c, err := route.Dial(dialing, &caller.Options{Server: v.server, Name: v.name, From: v.from})
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				v.mu.Lock()
				v.refused = errors.Join(v.refused, err)
				v.mu.Unlock()
				time.Sleep(500 * time.Millisecond)
			}
			continue
		}
		v.visits.Add(1)
		err = v.drive(ctx, c)
		if errors.Is(err, caller.ErrMoved) || ctx.Err() != nil {
			_ = c.Bye()
		} else {
			_ = c.Close()
		}
	}
}

func (v *visitor) drive(ctx context.Context, c *caller.Caller) error {
	show, err := perform.New("talking")
	if err != nil {
		return err
	}
	tick := time.NewTicker(time.Second / rate)
	defer tick.Stop()
	var sample landmark.Sample
	begin, packets := time.Now(), uint64(0)
	for seq := uint32(1); ; seq++ {
		select {
		case <-ctx.Done():
			return nil
		case <-c.Done():
			return c.Err()
		case <-tick.C:
		}
		if n := c.Packets(); n > packets {
			packets = n
			v.saw(c)
		}
		at := time.Since(begin)
		show.At(at%show.Length(), &sample)
		sample.Seq, sample.CaptureMicros = seq, uint64(at.Microseconds())
		if err := c.Send(&sample); err != nil {
			return err
		}
	}
}

// saw notes that pictures come.
func (v *visitor) saw(c *caller.Caller) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	if at := page(c.At().URL); v.at != at || now.Sub(v.pictures) > time.Second {
		v.at, v.came, v.lastWas = at, now, v.pictures
	}
	v.got, v.pictures = c.Name(), now
}

func page(ws string) string {
	return "http" + ws[len("ws"):len(ws)-len("/ws")]
}

func (v *visitor) lastCame() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.came
}

func (v *visitor) gap() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.came.Sub(v.lastWas)
}

// missing says who has had no pictures since a moment, or none for a second.
func missing(crowd []*visitor, since time.Time) string {
	n := 0
	var who string
	for _, v := range crowd {
		v.mu.Lock()
		if v.pictures.Before(since.Add(time.Second)) || time.Since(v.pictures) > time.Second {
			n, who = n+1, fmt.Sprintf("%s (at %s, %v)", v.name, v.at, v.refused)
		}
		v.mu.Unlock()
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d have no pictures, %s among them", n, who)
}

func where(crowd []*visitor) []string {
	var at []string
	for _, v := range crowd {
		v.mu.Lock()
		at = append(at, v.at)
		v.mu.Unlock()
	}
	return at
}

func spread(crowd []*visitor) map[string]int {
	n := map[string]int{}
	for _, at := range where(crowd) {
		n[at]++
	}
	return n
}

// until waits until what says nothing any more.
func until(t *testing.T, long time.Duration, what func() string) {
	t.Helper()
	end := time.Now().Add(long)
	for {
		said := what()
		if said == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatal(said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
