package microphone

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// soundServer is a PulseAudio of the test's own, without sound cards: what is played to it comes out of its microphone "mic".
type soundServer struct{ t *testing.T }

// newSoundServer starts one, for this process alone.
func newSoundServer(t *testing.T) *soundServer {
	t.Helper()
	for _, program := range []string{"pulseaudio", "pactl", "ffmpeg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %s is not installed; a microphone of a sound server is not tried", program)
		}
	}
	dir, err := os.MkdirTemp("", "pulse") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, value := range map[string]string{
		"HOME": dir, "XDG_RUNTIME_DIR": dir, "PULSE_RUNTIME_PATH": dir, "PULSE_STATE_PATH": dir, "PULSE_SERVER": "unix:" + dir + "/socket",
	} {
		t.Setenv(name, value)
	}
	s := &soundServer{t: t}
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
		"-L", "module-null-sink sink_name=speaker rate=48000", "-L", "module-native-protocol-unix auth-anonymous=1 socket="+dir+"/socket")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	rtctest.Eventually(t, "the sound server answers", func() bool { return exec.Command("pactl", "info").Run() == nil })
	return s
}

// plug plugs the microphone in, and gives what pulls it out again.
func (s *soundServer) plug() (unplug func()) {
	s.t.Helper()
	out, err := exec.Command("pactl", "load-module", "module-remap-source", "master=speaker.monitor", "source_name=mic",
		"source_properties=device.description=Front").CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	return func() {
		if out, err := exec.Command("pactl", "unload-module", strings.TrimSpace(string(out))).CombinedOutput(); err != nil {
			s.t.Errorf("%v: %s", err, out)
		}
	}
}

// play plays a tone until the test ends.
func (s *soundServer) play(ctx context.Context) {
	cmd := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "sine=440:r=48000",
		"-f", "pulse", "-device", "speaker", "tone")
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Wait() })
}

// TestSoundServer: what a sound server's microphone hears is heard here, at once; one that is muted, pulled out and plugged in again
// is said and picked up.
func TestSoundServer(t *testing.T) {
	testenv.FFmpeg(t)
	s := newSoundServer(t)
	ctx, stop := context.WithCancel(t.Context())
	var said bytes.Buffer
	m, e := New(&Options{ID: Any, Log: slog.New(slog.NewTextHandler(&said, nil))}), &ear{t: t}
	done := make(chan struct{})
	go func() { defer close(done); m.Run(ctx, e) }()
	t.Cleanup(func() { stop(); <-done })
	is := func(want State) {
		t.Helper()
		rtctest.Eventually(t, fmt.Sprintf("it is %s, not %+v", want, m.Status()), func() bool { return m.Status().State == want })
	}
	is(Missing) // what the server itself plays is no microphone
	unplug := s.plug()
	if all := List(ctx); len(all) != 1 || all[0] != (Info{"pulse:mic", "Front"}) {
		t.Errorf("listed %+v", all)
	}
	is(Live)
	is(Silent)
	s.play(ctx)
	is(Live)
	rtctest.Eventually(t, "it is loud", func() bool { return m.Status().Level > 0.05 })
	before := e.heard()
	rtctest.Eventually(t, "two seconds are heard", func() bool { return e.heard() > before+100 })
	e.mu.Lock()
	late := time.Since(e.at[len(e.at)-1])
	e.mu.Unlock()
	t.Logf("the newest packet began %v ago", late.Round(time.Millisecond))
	if late > 500*time.Millisecond {
		t.Errorf("the newest packet began %v ago", late)
	}
	unplug()
	rtctest.Eventually(t, "it is missed", func() bool { return m.Status().State == Missing || m.Status().State == Stalled })
	s.plug()
	is(Live)
	stop()
	<-done // nothing is said any more
	if n := strings.Count(said.String(), "plug one in"); n < 1 || n > 3 {
		t.Errorf("said %d times:\n%s", n, said.String())
	}
}
