package exits

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
)

// freePort is a TCP port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// log is what a program says; it may be read meanwhile.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// serve runs a program until the test ends or stop is called, and waits until it listens on the port.
func serve(t *testing.T, port int, path string, args ...string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, args...)
	var said log
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() { cancel(); _ = cmd.Wait() })
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			text := said.String()
			t.Logf("%s said:\n%s", filepath.Base(path), text[max(0, len(text)-4000):])
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			_ = c.Close()
			return stop
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen", filepath.Base(path))
		}
	}
}

// follow opens an exit, runs it with a session of its own until stop, and gives what it reports.
func follow(t *testing.T, url string, o Options) (reports chan Status, stop func() error) {
	t.Helper()
	reports = make(chan Status, 1000)
	o.Report = func(s Status) {
		select {
		case reports <- s:
		default:
		}
	}
	cfg := rtc.DefaultConfig()
	var err error
	if o.Transport, err = rtc.NewTransport(cfg, rtc.Options{}); err != nil {
		t.Fatal(err)
	}
	o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	exit, err := Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, done := newSession(t), make(chan error, 1)
	go func() { done <- exit.Run(ctx, s) }()
	go speak(ctx, s)
	stop = sync.OnceValue(func() error {
		cancel()
		err := <-done
		o.Transport.Close()
		return err
	})
	t.Cleanup(func() { _ = stop() })
	return reports, stop
}

// speak lets a session's driver be silent aloud, 50 packets a second.
func speak(ctx context.Context, s *pipeline.Session) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.Sound(&pipeline.Packet{Opus: []byte{0xf8, 0xff, 0xfe}, Span: 20 * time.Millisecond}, now)
		}
	}
}

// await waits for a state, and gives all that was reported until then.
func await(t *testing.T, reports chan Status, want State) (all []Status) {
	t.Helper()
	late := time.After(60 * time.Second)
	for {
		select {
		case s := <-reports:
			all = append(all, s)
			if s.State == want {
				return all
			}
		case <-late:
			t.Fatalf("not %s within a minute, but %v", want, all)
		}
	}
}

// probed is what ffprobe says of a video.
type probed struct {
	Codec   string `json:"codec_name"`
	Profile string `json:"profile"`
	Width   int    `json:"width"`
	Frames  string `json:"nb_read_frames"`
}

// probe decodes seconds of a video, where there is no end to it, or all of it (0), and fails at what cannot be decoded.
func probe(t *testing.T, source string, seconds int) probed {
	t.Helper()
	args := []string{"-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=codec_name,profile,width,nb_read_frames", "-of", "json"}
	if seconds > 0 {
		args = append(args, "-rtsp_transport", "tcp", "-read_intervals", "%+"+strconv.Itoa(seconds))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ffprobe", append(args, source)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	var answer struct{ Streams []probed }
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	if err != nil || len(answer.Streams) != 1 {
		t.Fatalf("ffprobe %s: %v, %s, %s", source, err, out, said.String())
	}
	if said.Len() > 0 && seconds == 0 { // who joins in mid-stream waits for a keyframe
		t.Errorf("ffprobe %s says: %s", source, said.String())
	}
	return answer.Streams[0]
}

// TestRealGo2rtc pushes to go2rtc, and decodes what it gives to others over RTSP; then go2rtc is killed and comes back.
func TestRealGo2rtc(t *testing.T) {
	testenv.FFmpeg(t)
	tool := testenv.Tool(t, filepath.Join("testdata", "go2rtc"), "github.com/AlexxIT/go2rtc", "CGO_ENABLED=0")
	api, rtsp, media := freePort(t), freePort(t), freePort(t)
	config := fmt.Sprintf("api: {listen: '127.0.0.1:%d'}\nrtsp: {listen: '127.0.0.1:%d'}\nwebrtc: {listen: ':%d', ice_servers: []}\nstreams: {portrait: ''}\n", api, rtsp, media)
	path := testenv.Write(t, filepath.Join(t.TempDir(), "go2rtc.yaml"), []byte(config))
	stop := serve(t, api, tool, "-config", path)
	reports, end := follow(t, fmt.Sprintf("whip://127.0.0.1:%d/api/webrtc?dst=portrait", api), Options{})
	await(t, reports, Live)
	got := probe(t, fmt.Sprintf("rtsp://127.0.0.1:%d/portrait", rtsp), 4)
	if n, err := strconv.Atoi(got.Frames); err != nil || n < 30 || got.Codec != "h264" || got.Width != 256 || !strings.Contains(got.Profile, "Baseline") {
		t.Errorf("RTSP gives %+v", got)
	}
	t.Logf("RTSP gives %+v", got)
	stop()
	for _, s := range await(t, reports, Waiting) {
		if s.State == Ended {
			t.Errorf("it gave up: %s", s.Message)
		}
	}
	serve(t, api, tool, "-config", path)
	await(t, reports, Live)
	if err := end(); err != nil {
		t.Error(err)
	}
}

const liveKitKey, liveKitSecret = "devkey", "0123456789abcdef0123456789abcdef"

// liveKit runs a server, and returns its HTTP port.
func liveKit(t *testing.T) (port int, stop func()) {
	t.Helper()
	tool := testenv.Tool(t, filepath.Join("testdata", "livekit"), "github.com/livekit/livekit-server/cmd/server")
	port = freePort(t)
	config := fmt.Sprintf(`
port: %d
bind_addresses: [127.0.0.1]
rtc: {udp_port: %d, tcp_port: %d, use_external_ip: false, enable_loopback_candidate: true, interfaces: {includes: [lo]}}
keys: {%s: %s}
`, port, freePort(t), freePort(t), liveKitKey, liveKitSecret)
	path := testenv.Write(t, filepath.Join(t.TempDir(), "livekit.yaml"), []byte(config))
	return port, serve(t, port, tool, "--config", path)
}

func liveKitURL(port int) string {
	return fmt.Sprintf("livekit+http://127.0.0.1:%d/hall?identity=portrait&on_behalf=agent-1", port)
}

// subscribed is what the subscriber reports.
type subscribed struct {
	Identity, Kind, Codec string
	Attributes            map[string]string
	Packets, Sound        int
}

// subscriber is the program that joins rooms.
func subscriber(t *testing.T) string {
	t.Helper()
	return testenv.Tool(t, filepath.Join("testdata", "subscriber"), ".")
}

// subscribe joins a room and keeps its video for some seconds.
func subscribe(t *testing.T, port int, seconds float64, path string) (r subscribed) {
	t.Helper()
	token := participant{room: "hall", identity: "viewer", subscribes: true}.token(liveKitKey, liveKitSecret, time.Now())
	cmd := exec.CommandContext(t.Context(), subscriber(t), fmt.Sprintf("ws://127.0.0.1:%d", port), token, fmt.Sprint(seconds), path, path+".times")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		t.Fatalf("the subscriber: %v, %s, %s", err, out, said.String())
	}
	return r
}

// TestRealLiveKit pushes to a room: its members see an agent with a portrait.
func TestRealLiveKit(t *testing.T) {
	testenv.FFmpeg(t)
	port, stop := liveKit(t)
	for codec, suffix := range map[string]string{"h264": ".h264", "vp8": ".ivf"} {
		for _, trickle := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, trickle %v", codec, trickle), func(t *testing.T) {
				reports, end := follow(t, liveKitURL(port), Options{Codec: codec, Bearer: liveKitKey + ":" + liveKitSecret, Trickle: trickle})
				await(t, reports, Live)
				path := filepath.Join(t.TempDir(), "a"+suffix)
				r := subscribe(t, port, 3, path)
				if r.Identity != "portrait" || r.Kind != "4" || r.Attributes[OnBehalf] != "agent-1" || !strings.EqualFold(r.Codec, "video/"+codec) || r.Sound < 50 {
					t.Errorf("the room has %+v", r)
				}
				got := probe(t, path, 0)
				if n, err := strconv.Atoi(got.Frames); err != nil || n < 45 || got.Codec != codec || codec == "h264" && got.Width != 256 {
					t.Errorf("members see %+v", got) // of VP8 the subscriber's file does not know the size
				}
				t.Logf("the room has %+v; members see %+v", r, got)
				if err := end(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Run("the server goes", func(t *testing.T) {
		reports, end := follow(t, liveKitURL(port), Options{Bearer: liveKitKey + ":" + liveKitSecret})
		await(t, reports, Live)
		stop()
		await(t, reports, Waiting)
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// TestRealLiveKitRefuses a token of somebody else.
func TestRealLiveKitRefuses(t *testing.T) {
	port, _ := liveKit(t)
	reports, end := follow(t, liveKitURL(port), Options{Bearer: liveKitKey + ":" + strings.ToUpper(liveKitSecret)})
	all := await(t, reports, Ended)
	if s := all[len(all)-1]; !strings.Contains(s.Message, "token (401)") {
		t.Errorf("%+v", s)
	}
	if err := end(); err == nil {
		t.Error("it did not give up")
	}
}
