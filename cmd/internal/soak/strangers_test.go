package soak

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc/caller"
)

// stranger asks a server for much, from an address that is not that of who is inside.
type stranger struct {
	t    *testing.T
	at   string // host:port of the server
	http *http.Client
	dial *net.Dialer
	ws   *websocket.Dialer
}

func newStranger(t *testing.T, server string) *stranger {
	t.Helper()
	s := &stranger{t: t, at: strings.TrimPrefix(server, "http://"), dial: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, Timeout: 5 * time.Second}}
	s.http = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: s.dial.DialContext, MaxIdleConnsPerHost: 32}}
	s.ws = &websocket.Dialer{NetDialContext: s.dial.DialContext, HandshakeTimeout: 5 * time.Second}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

// many has n do f again and again, with a number that grows, until ctx ends.
func many(ctx context.Context, n int, f func(k int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for k := i; ctx.Err() == nil; k += n {
				f(k)
			}
		})
	}
	all.Wait()
}

// get asks for a path and forgets the answer. Refused, it comes again at once a hundred times a second.
func (s *stranger) get(ctx context.Context, path string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.at+path, http.NoBody)
	if err != nil {
		return
	}
	s.send(req)
}

func (s *stranger) send(req *http.Request) {
	answer, err := s.http.Do(req)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode == http.StatusTooManyRequests {
		time.Sleep(10 * time.Millisecond)
	}
}

// bomb is a lossless WebP file of 34 bytes: one colour, as many pixels as it says.
func bomb(width, height int) []byte {
	var b []byte
	n := 0
	put := func(v, bits int) {
		for i := range bits {
			if n%8 == 0 {
				b = append(b, 0)
			}
			b[n/8] |= byte(v>>i&1) << (n % 8)
			n++
		}
	}
	put(0x2f, 8)
	put(width-1, 14)
	put(height-1, 14)
	put(0, 4+3) // no alpha, version 0; no transform, no cache of colours, one set of codes
	for _, symbol := range []int{0, 0, 0, 255, 0} {
		put(0b101, 3) // a simple code of one symbol of eight bits
		put(symbol, 8)
	}
	b = append(b, make([]byte, len(b)%2)...)
	body := append(binary.LittleEndian.AppendUint32([]byte("WEBPVP8L"), uint32(len(b))), b...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// flood sends frames of a websocket as fast as they are taken.
func (s *stranger) flood(ctx context.Context, first, then []byte) {
	c, err := s.dial.DialContext(ctx, "tcp", s.at)
	if err != nil {
		time.Sleep(50 * time.Millisecond)
		return
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", s.at)
	r := bufio.NewReader(c)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		time.Sleep(20 * time.Millisecond)
		return
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusSwitchingProtocols {
		time.Sleep(20 * time.Millisecond)
		return
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	_, err = c.Write(first)
	for block := bytes.Repeat(then, 2000); err == nil && ctx.Err() == nil; {
		_, err = c.Write(block)
	}
}

// hello comes in with a persona and goes.
func (s *stranger) hello(ctx context.Context, persona string) {
	c, answer, err := s.ws.DialContext(ctx, "ws://"+s.at+"/ws", nil)
	if err != nil {
		time.Sleep(10 * time.Millisecond)
		return
	}
	_ = answer.Body.Close()
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	_ = c.WriteJSON(map[string]any{"type": "hello", "version": 1, "persona": persona})
	_, _, _ = c.ReadMessage()
	_ = c.WriteJSON(map[string]any{"type": "bye"})
}

// drives has a session whose samples are spoilt by spoil, and asks what ask says with each.
func (s *stranger) drives(ctx context.Context, spoil func(*landmark.Sample), ask func(k int) string) {
	dialing, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := caller.Dial(dialing, &caller.Options{Server: "http://" + s.at})
	if err != nil {
		time.Sleep(100 * time.Millisecond)
		return
	}
	defer c.Bye()
	show, err := perform.New("talking")
	if err != nil {
		s.t.Error(err)
		return
	}
	var sample landmark.Sample
	begin := time.Now()
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for k := 1; ; k++ {
		select {
		case <-ctx.Done():
			return
		case <-c.Done():
			return
		case <-tick.C:
		}
		show.At(time.Since(begin)%show.Length(), &sample)
		sample.Seq, sample.CaptureMicros = uint32(k), uint64(time.Since(begin).Microseconds())
		if spoil != nil {
			spoil(&sample)
		}
		_ = c.Send(&sample)
		if ask != nil {
			_ = c.Ask(ask(k))
		}
	}
}

// personas are those that everybody may see.
func (s *stranger) personas() (ids []string) {
	answer, err := s.http.Get("http://" + s.at + "/api/personas")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var list struct {
		Personas []struct {
			ID string `json:"id"`
		} `json:"personas"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil || len(list.Personas) == 0 {
		s.t.Fatal("no personas:", err)
	}
	for _, p := range list.Personas {
		ids = append(ids, p.ID)
	}
	return ids
}

// scattered puts the points of a face anywhere.
func scattered(s *landmark.Sample) {
	for i := range s.Points {
		s.Points[i] = landmark.Point{X: 0.2 + 0.6*rand.Float32(), Y: 0.1 + 0.5*rand.Float32(), Z: 0.4*rand.Float32() - 0.2}
	}
}

// wish is a setting that takes preparing.
func wish(k int) string {
	return fmt.Sprintf(`{"id":%d,"type":"settings","background":{"mode":"%s","color":"#%06x"},"split":%.2f,"strength":{"head":%.1f}}`, k,
		[]string{"blur", "color", "original"}[k%3], k%0xffffff, float64(k%100)/100, float64(k%20)/10)
}

// attacks by name; each goes on until its context ends.
func (s *stranger) attacks() []attack {
	paintings := s.personas()
	masked := func(first byte, text string) []byte {
		return append([]byte{first, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
	}
	webp := bomb(12000, 5000)
	return []attack{
		{"16 x portraits of any size", func(ctx context.Context) {
			many(ctx, 16, func(k int) { s.get(ctx, fmt.Sprintf("/api/personas/mona-lisa/portrait.jpg?edge=%d", 1024-k%900)) })
		}},
		{"16 x one large portrait", func(ctx context.Context) {
			many(ctx, 16, func(int) { s.get(ctx, "/api/personas/mona-lisa/portrait.jpg?edge=1000") })
		}},
		{"16 x persona files", func(ctx context.Context) {
			many(ctx, 16, func(int) { s.get(ctx, "/api/personas/mona-lisa/file.persona") })
		}},
		{"4 websockets of empty fragments", func(ctx context.Context) {
			many(ctx, 4, func(int) { s.flood(ctx, masked(0x01, "{"), masked(0x00, "")) })
		}},
		{"4 websockets of pings", func(ctx context.Context) {
			many(ctx, 4, func(int) {
				s.flood(ctx, masked(0x81, `{"type":"hello","version":1}`), masked(0x89, strings.Repeat("x", 100)))
			})
		}},
		{"3 x backdrops of 34 bytes", func(ctx context.Context) {
			many(ctx, 3, func(int) {
				if req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.at+"/api/backdrops", bytes.NewReader(webp)); err == nil {
					req.Header.Set("Origin", "http://"+s.at)
					s.send(req)
				}
			})
		}},
		{"8 x hello, personas in turn", func(ctx context.Context) {
			many(ctx, 8, func(k int) { s.hello(ctx, paintings[k%len(paintings)]) })
		}},
		{ordinary, func(ctx context.Context) { many(ctx, 2, func(int) { s.drives(ctx, nil, nil) }) }},
		{"2 sessions with scattered faces", func(ctx context.Context) {
			many(ctx, 2, func(int) { s.drives(ctx, scattered, nil) })
		}},
		{"2 sessions with 60 settings a second", func(ctx context.Context) {
			many(ctx, 2, func(int) { s.drives(ctx, nil, wish) })
		}},
	}
}

// ordinary is no attack, but what two of the attacks are to be compared with.
const ordinary = "2 ordinary sessions"

type attack struct {
	name string
	do   func(ctx context.Context)
}

// inhabitant is a session that is measured.
type inhabitant struct {
	mu   sync.Mutex
	took []time.Duration
}

func (v *inhabitant) report(f caller.Frame) {
	if d := f.Took(); d > 0 {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.took = append(v.took, d)
	}
}

// seen is what came in so long.
func (v *inhabitant) seen(long time.Duration) (w Window) {
	v.mu.Lock()
	v.took = nil
	v.mu.Unlock()
	time.Sleep(long)
	v.mu.Lock()
	defer v.mu.Unlock()
	w.measure(v.took, long)
	return w
}

// program is the built one, or that of GIOCONDA_PROGRAM.
func program(t *testing.T) string {
	t.Helper()
	path := os.Getenv("GIOCONDA_PROGRAM")
	if path == "" {
		path = filepath.Join("..", "..", "..", "bin", "gioconda")
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Skipf("SKIPPED: there is no program to attack; run `make build`: %v", err)
	}
	return path
}

// enter has a session at a server until the test ends.
func enter(ctx context.Context, t *testing.T, server string) *inhabitant {
	t.Helper()
	v := &inhabitant{}
	dialing, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := caller.Dial(dialing, &caller.Options{Server: server, Report: v.report})
	if err != nil {
		t.Fatal(err)
	}
	driving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- drive(driving, c, time.Hour) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error("who was inside was thrown out:", err)
		}
		_ = c.Bye()
	})
	return v
}

// TestStrangersTakeNoFrames: whatever a stranger does, a session goes on at its frame rate and is hardly later. Judged is a machine
// that is quiet enough for the session to be well before and after.
func TestStrangersTakeNoFrames(t *testing.T) {
	testenv.Long(t)
	const least, slower, long = 28, 1.5, 6 * time.Second
	c, err := Start(t.Context(), program(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		begin := time.Now()
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 6*time.Second {
			t.Errorf("it took %v to end", took)
		}
	})
	v := enter(t.Context(), t, c.Server)
	s := newStranger(t, c.Server)
	time.Sleep(4 * time.Second)
	before := v.seen(long)
	for _, a := range s.attacks() {
		if only := os.Getenv("GIOCONDA_ATTACK"); only != "" && !strings.Contains(a.name, only) {
			continue
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); a.do(ctx) }()
		time.Sleep(time.Second)
		during := v.seen(long)
		stop()
		<-done
		time.Sleep(2 * time.Second)
		after := v.seen(long)
		t.Logf("%-38s %4.1f %4.1f %4.1f fps, p95 %5.1f %5.1f %5.1f ms", a.name, before.FPS, during.FPS, after.FPS, before.P95, during.P95, after.P95)
		if a.name == ordinary {
			before = after
			continue
		}
		quiet := min(before.FPS, after.FPS) > 29 && max(before.P95, after.P95) < 1.3*min(before.P95, after.P95)
		if quiet && (during.FPS < least || during.P95 > slower*(before.P95+after.P95)/2) {
			t.Errorf("%s: %.1f fps, p95 %.1f ms", a.name, during.FPS, during.P95)
		} else if !quiet {
			t.Logf("NOT JUDGED: the machine is too busy")
		}
		before = after
	}
}
