package live

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/rtc/whep"
)

// playersOf, in the environment, makes this program play: it comes to that address as often as playersNumber says.
const (
	playersOf     = "GIOCONDA_TEST_PLAYERS_OF"
	playersNumber = "GIOCONDA_TEST_PLAYERS"
)

// TestPlayers is the other process of BenchmarkViewers. It plays until its standard input ends.
func TestPlayers(t *testing.T) {
	address := os.Getenv(playersOf)
	if address == "" {
		t.Skip("it plays for BenchmarkViewers only")
	}
	n, err := strconv.Atoi(os.Getenv(playersNumber))
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		b := rtctest.NewBrowser(t, nil, false, true)
		answer, err := http.Post(address, "application/sdp", strings.NewReader(b.WholeOffer()))
		if err != nil {
			t.Fatal(err)
		}
		sdp, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusCreated {
			t.Fatalf("status %d, %v: %s", answer.StatusCode, err, sdp)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		b.Answer(string(sdp))
		rtctest.Expect(t, b.Up)
		go func() {
			for range b.Packets { // until the process ends
			}
		}()
	}
	fmt.Println("playing")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// play starts the other process with n players; end stops it.
func play(b *testing.B, address string, n int) (end func()) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestPlayers$", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), playersOf+"="+address, playersNumber+"="+strconv.Itoa(n))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() && said.Text() != "playing" {
		b.Log(said.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Errorf("the players: %v", err)
		}
	}
}

// BenchmarkViewers is what players of one session cost the server: its CPU with each number of them, who play in another
// process, over the network of this machine. The last lines are viewers with an encoder each, whose frames go nowhere.
func BenchmarkViewers(b *testing.B) {
	testenv.Full(b)
	d := openServerOf(b, engine.MeshOnly, 512)
	var err error
	if d.viewers, err = whep.New(whep.DefaultConfig(), whep.Options{Host: d.host, Transport: d.transport}); err != nil { // all come from one address
		b.Fatal(err)
	}
	web := httptest.NewServer(d.viewers)
	defer web.Close()
	o, err := d.host.Open(b.Context(), signalling.OpenOptions{Name: "ann"})
	if err != nil {
		b.Fatal(err)
	}
	s := o.(*session)
	defer s.Close()
	talk, err := perform.New("talking")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); performInto(ctx, s.session, talk) }()
	defer func() { stop(); <-done }()
	own := &stopwatch{}
	driver, err := s.session.View(pipeline.Rendition{Codec: pipeline.VP8}, own)
	if err != nil {
		b.Fatal(err)
	}
	defer driver.Leave()
	for b.Loop() {
		for _, n := range []int{0, 1, 8, 16, 32, 50, 0} {
			end := func() {}
			if n > 0 {
				end = play(b, web.URL+"/whep/ann", n)
			}
			cores(b, s, own, fmt.Sprintf("%d viewers", n))
			end()
			rtctest.Eventually(b, "viewers have left", func() bool { return d.viewers.Viewers() == 0 })
		}
		for n := range 4 {
			what := pipeline.Rendition{Codec: pipeline.VP8, MaxBPS: 3_999_999 - n}
			v, err := s.session.View(what, rtc.DiscardOutput(rtc.CodecVP8))
			if err != nil {
				b.Fatal(err)
			}
			defer v.Leave()
			cores(b, s, own, fmt.Sprintf("%d encoders beside the driver's", n+1))
		}
	}
}

// stopwatch is the driver's own view: from a sample's arrival to its frame.
type stopwatch struct {
	mu   sync.Mutex
	took []time.Duration
}

func (w *stopwatch) WriteFrame(f *frame.Encoded) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if came := f.Trace.At[trace.Received]; !came.IsZero() {
		w.took = append(w.took, time.Since(came).Round(100*time.Microsecond))
	}
	return nil
}

// take gives what was noted since it was called last, in order of size; at least one.
func (w *stopwatch) take() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	took := append([]time.Duration{0}, w.took...)
	w.took = w.took[:0]
	slices.Sort(took)
	return took
}

// cores tells how busy this process is for some seconds, what became of the pictures, and how late they were.
func cores(b *testing.B, s *session, own *stopwatch, what string) {
	b.Helper()
	const long = 8 * time.Second
	time.Sleep(2 * time.Second)
	own.take()
	before, cpu, begin := s.session.Counts(), cpuTime(b), time.Now()
	time.Sleep(long)
	took := time.Since(begin).Seconds()
	after := s.session.Counts()
	late := own.take()
	b.Logf("%s: %.3f cores, %.1f pictures/s, %d skipped, %d slow writes; the driver's p50 %v, p95 %v", what, (cpuTime(b)-cpu).Seconds()/took,
		float64(after.Generated-before.Generated)/took, after.Skipped-before.Skipped, after.Slow-before.Slow, late[len(late)/2], late[len(late)*95/100])
}
