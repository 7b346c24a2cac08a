package microphone

import (
	"bytes"
	"context"
	"encoding/binary"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/rtc/opus"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// ear keeps what it hears.
type ear struct {
	t *testing.T

	mu    sync.Mutex // guards the following
	at    []time.Time
	bytes []int
}

func (e *ear) Hear(packet []byte, long time.Duration, at time.Time) {
	if s, err := opus.Span(packet); err != nil || s != long || long != span {
		e.t.Errorf("a packet of %v says %v: %v", long, s, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.at, e.bytes = append(e.at, at), append(e.bytes, len(packet))
}

func (e *ear) heard() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.at)
}

// steady checks that packets follow one another.
func (e *ear) steady() {
	e.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := 1; i < len(e.at); i++ {
		if d := e.at[i].Sub(e.at[i-1]); (d - span).Abs() > time.Millisecond {
			e.t.Errorf("packet %d began %v after the one before", i, d)
		}
	}
}

// TestTone: it comes in real time, sounds at each second, and ends when told to.
func TestTone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, e := New(&Options{ID: Tone, Log: slog.New(slog.DiscardHandler)}), &ear{t: t}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		begin := time.Now()
		m.Run(ctx, e)
		if n := e.heard(); n < 498 || n > 500 || e.at[0] != begin {
			t.Fatalf("%d packets from %v on", n, e.at[0].Sub(begin))
		}
		e.steady()
		on, off := 0, 0
		for i := 200; i < 450; i++ {
			switch i % 50 {
			case 1, 2, 3:
				on += e.bytes[i]
			case 21, 22, 23:
				off += e.bytes[i]
			}
		}
		if on < 2*off {
			t.Errorf("%d bytes while it beeps, %d while it does not", on, off)
		}
		if s := m.Status(); s.State != Live || s.Message != "" {
			t.Errorf("%+v", s)
		}
	})
}

// writeWAV writes a tone.
func writeWAV(t *testing.T, path string, long time.Duration) {
	t.Helper()
	n := int(long * rate / time.Second)
	var b bytes.Buffer
	b.WriteString("RIFF")
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	put(uint32(36 + 2*n))
	b.WriteString("WAVEfmt ")
	put(struct {
		Size         uint32
		Kind, Parts  uint16
		Rate, Bytes  uint32
		Align, Depth uint16
	}{16, 1, 1, rate, 2 * rate, 2, 16})
	b.WriteString("data")
	put(uint32(2 * n))
	for i := range n {
		put(int16(9000 * math.Sin(2*math.Pi*440*float64(i)/rate)))
	}
	testenv.Write(t, path, b.Bytes())
}

// TestPickedUpAgain: a file in a microphone's place that is not there is said to be missing, and heard when it is there, again and
// again.
func TestPickedUpAgain(t *testing.T) {
	testenv.FFmpeg(t)
	rtctest.NoLeaks(t)
	path := filepath.Join(t.TempDir(), "say.wav")
	var said bytes.Buffer
	m, e := New(&Options{ID: FilePrefix + path, Log: slog.New(slog.NewTextHandler(&said, nil))}), &ear{t: t}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); m.Run(ctx, e) }()
	is := func(want State) {
		t.Helper()
		rtctest.Eventually(t, "it is "+string(want), func() bool { return m.Status().State == want })
	}
	is(Missing)
	writeWAV(t, path, time.Second)
	is(Live)
	rtctest.Eventually(t, "it is heard twice", func() bool { return e.heard() > 80 })
	if level := m.Status().Level; level < 0.2 || level > 0.35 {
		t.Errorf("its level is %.2f, want 0.27", level)
	}
	testenv.Write(t, path, []byte("no sound"))
	is(Failed)
	writeWAV(t, path, time.Second)
	is(Live)
	stop()
	<-done
	for _, want := range []string{"say.wav is not there; it is heard", "cannot be heard", "is live"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("never said %q:\n%s", want, said.String())
		}
	}
}

// shown is a film.
type shown struct {
	mu    sync.Mutex // guards the following
	n     uint64
	begun time.Time
}

func (s *shown) Showing() (uint64, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n, s.begun
}

func (s *shown) show(n uint64, begun time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n, s.begun = n, begun
}

// TestGoesByTheFilm: sound begins with the picture, waits where that comes late, and ends with it.
func TestGoesByTheFilm(t *testing.T) {
	testenv.FFmpeg(t)
	path := filepath.Join(t.TempDir(), "say.wav")
	writeWAV(t, path, 10*time.Second)
	film := &shown{}
	m, e := New(&Options{ID: FilePrefix + path, Film: film, Log: slog.New(slog.DiscardHandler)}), &ear{t: t}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); m.Run(ctx, e) }()
	defer func() { stop(); <-done }()
	time.Sleep(300 * time.Millisecond)
	if n := e.heard(); n != 0 {
		t.Errorf("%d packets before the film", n)
	}
	newest := func() time.Duration {
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(e.at) == 0 {
			return -1
		}
		_, begun := film.Showing()
		return e.at[len(e.at)-1].Sub(begun)
	}
	begin := time.Now()
	film.show(1, begin)
	rtctest.Eventually(t, "it sounds", func() bool { return newest() > 500*time.Millisecond })
	later := begin.Add(400 * time.Millisecond) // the picture is that late
	film.show(1, later)
	at := e.heard()
	rtctest.Eventually(t, "it goes on", func() bool { return e.heard() > at+30 })
	if off := newest() % span; off != 0 {
		t.Errorf("its packets are %v beside those of the film", off)
	}
	time.Sleep(7 * time.Millisecond)
	again := time.Now()
	film.show(2, again)
	rtctest.Eventually(t, "it begins anew", func() bool { d := newest(); return d > 300*time.Millisecond && d%span == 0 })
	if d := newest(); d > time.Since(again) {
		t.Errorf("it is %v ahead of the film", d-time.Since(again))
	}
}

// TestStalls: what is open and gives nothing is given up.
func TestStalls(t *testing.T) {
	testenv.FFmpeg(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := start(t.Context(), "-f", "s16le", "-i", "file:"+pipe)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(); stateOf(err) != Stalled {
		t.Errorf("%v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
