package exits

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
)

// listen runs an ffmpeg that takes a stream from url into a file until the stream or the test ends; ended waits for that.
func listen(t *testing.T, path string, args ...string) (ended func()) {
	t.Helper()
	testenv.FFmpeg(t)
	cmd := exec.Command("ffmpeg", append(append([]string{"-v", "error", "-nostdin", "-y"}, args...), "-c", "copy", path)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		if t.Failed() {
			t.Logf("the listener said: %s", said.String())
		}
	})
	return func() {
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Signal(syscall.SIGINT)
			<-done
		}
	}
}

// unusedUDP is a UDP port that was free a moment ago.
func unusedUDP(t *testing.T) int {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// TestToFFmpeg: RTMP and SRT arrive at an ffmpeg that listens, which began after the exit.
func TestToFFmpeg(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	rtmp := fmt.Sprintf("rtmp://127.0.0.1:%d/live/secret-key", unusedTCP(t))
	srt := fmt.Sprintf("srt://127.0.0.1:%d", unusedUDP(t))
	for name, tc := range map[string]struct {
		url    string
		listen []string
		bearer string
	}{
		"rtmp": {rtmp, []string{"-listen", "1", "-i", rtmp}, ""},
		"srt":  {srt, []string{"-i", srt + "?mode=listener&passphrase=open-sesame&pbkeylen=16"}, "open-sesame"},
	} {
		t.Run(name, func(t *testing.T) {
			r := runExit(t, newSession(t), tc.url, Options{Bearer: tc.bearer})
			refused, n := r.wait(t, 0, Waiting, "check")
			path := filepath.Join(dir, name+".mkv")
			ended := listen(t, path, tc.listen...)
			r.wait(t, n, Live, "")
			time.Sleep(5 * time.Second)
			if err := r.stop(); err != nil {
				t.Error(err)
			}
			ended()
			f := readFilm(t, path)
			t.Logf("%d frames from %.3f, keys %v, sound from %.3f", len(f.frames), f.frames[0], f.keys, f.sounds[0])
			f.check(t, 4)
			if f.video != "h264" || f.sound != "aac" {
				t.Errorf("%s and %s", f.video, f.sound)
			}
			for _, s := range append(r.all, refused) {
				if strings.Contains(s.Message, "secret-key") || strings.Contains(s.Message, "sesame") {
					t.Errorf("a secret in %q", s.Message)
				}
			}
		})
	}
}

// unusedTCP is a TCP port that was free a moment ago.
func unusedTCP(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// runServer runs a program until the test ends or stop is called, and waits until it listens on the port.
func runServer(t *testing.T, port int, path string, args ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command(path, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", filepath.Base(path), said.String())
		}
	})
	t.Cleanup(stop)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = c.Close()
			return stop
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen", filepath.Base(path))
		}
	}
}

// nginxConf takes what is sent with one key, and keeps it.
const nginxConf = `
daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/log info;
load_module %[3]s;
user root;
events {}
rtmp { server { listen 127.0.0.1:%[2]d; application live { live on; record all; record_path %[1]s/rec; record_unique off;
	notify_method get; on_publish http://127.0.0.1:%[4]d/publish; } } }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	server { listen 127.0.0.1:%[4]d; location /publish { if ($arg_name = "good-key-123") { return 200; } return 403; } } }
`

// nginx runs nginx with its RTMP module on a port until the test ends; it keeps films in the folder.
func nginx(t *testing.T, dir string, port int) (stop func()) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	module := "/usr/lib/nginx/modules/ngx_rtmp_module.so"
	if _, missing := os.Stat(module); err != nil || missing != nil {
		t.Skip("SKIPPED: nginx and its RTMP module are not installed; run `apt-get install nginx libnginx-mod-rtmp`")
	}
	if err := os.MkdirAll(filepath.Join(dir, "rec"), 0o700); err != nil {
		t.Fatal(err)
	}
	conf := testenv.Write(t, filepath.Join(dir, "conf"), fmt.Appendf(nil, nginxConf, dir, port, module, unusedTCP(t)))
	return runServer(t, port, path, "-p", dir, "-c", conf)
}

// TestToNginx: a wrong key is refused with a word about the key; a good one streams, and again after the server was away.
func TestToNginx(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	dir, port := t.TempDir(), unusedTCP(t)
	stop := nginx(t, dir, port)
	s := newSession(t)
	url := fmt.Sprintf("rtmp://127.0.0.1:%d/live/", port)
	wrong := runExit(t, s, url+"wrong-key-77", Options{})
	if st, _ := wrong.wait(t, 0, Waiting, "key"); strings.Contains(st.Message, "wrong-key-77") {
		t.Errorf("the key in %q", st.Message)
	} else {
		t.Log(st.Message)
	}
	_ = wrong.stop()
	r := runExit(t, s, url, Options{Bearer: "good-key-123"})
	_, n := r.wait(t, 0, Live, "")
	time.Sleep(5 * time.Second)
	stop()
	st, n := r.wait(t, n, Waiting, "")
	t.Log(st.Message)
	f := readFilm(t, filepath.Join(dir, "rec", "good-key-123.flv"))
	t.Logf("%d frames from %.3f, keys %v, sound from %.3f", len(f.frames), f.frames[0], f.keys, f.sounds[0])
	f.check(t, 4)
	nginx(t, dir, port)
	r.wait(t, n, Live, "")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}
