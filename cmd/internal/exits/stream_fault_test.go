package exits

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/ffmpeg"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// children lists the process ids of our ffmpegs, dead ones that nobody waited for included.
func children(t *testing.T) (ids []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		name, rest, _ := strings.Cut(string(b), ") ")
		if fields := strings.Fields(rest); !strings.HasSuffix(name, "(ffmpeg") || len(fields) < 2 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		ids = append(ids, id)
	}
	return ids
}

// witness is another viewer of the session, who shall not notice anything.
type witness struct {
	mu   sync.Mutex
	last time.Time
	gap  time.Duration // the longest without a frame
}

func (w *witness) WriteFrame(*frame.Encoded) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.last.IsZero() {
		w.gap = max(w.gap, now.Sub(w.last))
	}
	w.last = now
	return nil
}

// watch has somebody else watch s until the test ends, who must not be without a frame for long.
func watch(t *testing.T, s *pipeline.Session) {
	t.Helper()
	w := &witness{}
	v, err := s.View(pipeline.Rendition{Codec: pipeline.VP8}, w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.Leave()
		if w.gap > time.Second {
			t.Errorf("another viewer was without a frame for %v", w.gap)
		}
	})
}

// TestKilledFFmpeg: what was recorded until then can be seen, and the recording goes on in another file. No ffmpeg is left.
func TestKilledFFmpeg(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	for _, ext := range []string{".mp4", ".mkv"} {
		dir := t.TempDir()
		s := newSession(t)
		watch(t, s)
		r := runExit(t, s, "file:"+filepath.Join(dir, "a"+ext), Options{})
		_, n := r.wait(t, 0, Live, "")
		time.Sleep(5 * time.Second)
		ids := children(t)
		if len(ids) != 1 {
			t.Fatalf("ffmpegs: %v", ids)
		}
		if err := syscall.Kill(ids[0], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		st, n := r.wait(t, n, Waiting, "killed")
		t.Log(st.Message)
		r.wait(t, n, Live, "")
		time.Sleep(time.Second)
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		for name, least := range map[string]int{"a" + ext: 60, "a-2" + ext: 5} {
			if f := readFilm(t, filepath.Join(dir, name)); len(f.frames) < least || len(f.sounds) < least/2 {
				t.Errorf("%s: %d frames, %d pieces of sound", name, len(f.frames), len(f.sounds))
			}
		}
		if ids = children(t); len(ids) > 0 {
			t.Errorf("left behind: %v", ids)
		}
	}
}

// TestStuckFFmpeg: one that does nothing any more is killed and followed by another, and another viewer does not notice.
func TestStuckFFmpeg(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	s := newSession(t)
	watch(t, s)
	r := runExit(t, s, "file:a.mp4", Options{Dir: dir})
	first, n := r.wait(t, 0, Live, "")
	ids := children(t)
	if len(ids) != 1 {
		t.Fatalf("ffmpegs: %v", ids)
	}
	if err := syscall.Kill(ids[0], syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	st, n := r.wait(t, n, Waiting, "Nothing was taken by")
	t.Log(st.Message)
	second, _ := r.wait(t, n, Live, "")
	if strings.Contains(st.Message, dir) {
		t.Error("who records from elsewhere learns where this machine keeps its recordings")
	}
	if first.File != "a.mp4" || second.File != "a-2.mp4" {
		t.Errorf("recorded into %q and then %q", first.File, second.File)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if ids = children(t); len(ids) > 0 {
		t.Errorf("left behind: %v", ids)
	}
}

// TestKilledRecorder: an ffmpeg whose feeder is gone finishes the file by itself.
func TestKilledRecorder(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	if path := os.Getenv("GIOCONDA_TEST_RECORD"); path != "" {
		runExit(t, newSession(t), "file:"+path, Options{})
		time.Sleep(time.Minute)
		return
	}
	path := filepath.Join(t.TempDir(), "a.mp4")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledRecorder$")
	cmd.Env = append(os.Environ(), "GIOCONDA_TEST_RECORD="+path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Second)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	time.Sleep(time.Second)
	if f := readFilm(t, path); len(f.frames) < 80 || len(f.sounds) < 80 {
		t.Errorf("%d frames, %d pieces of sound", len(f.frames), len(f.sounds))
	}
}

// TestFullDisk: it says so, keeps what there is and does not try again.
func TestFullDisk(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	t.Parallel() // a disk needs its time to fill up
	for _, ext := range []string{".mp4", ".mkv"} {
		dir := t.TempDir()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=400k"); err != nil {
			t.Skipf("SKIPPED: a small disk cannot be mounted here: %v", err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
		s := newSession(t)
		watch(t, s)
		r := runExit(t, s, "file:"+filepath.Join(dir, "a"+ext), Options{})
		st, _ := r.wait(t, 0, Ended, "disk is full")
		t.Log(st.Message)
		if err := <-r.done; err == nil {
			t.Error("Run says that all is well")
		}
		r.done <- nil
		if f := readFilm(t, filepath.Join(dir, "a"+ext)); len(f.frames) < 30 {
			t.Errorf("%d frames are kept", len(f.frames))
		}
		_ = os.Remove(filepath.Join(dir, "a"+ext))
	}
}

// TestIngestThatHangs: a server that takes the connection and says nothing is given up after a while; ending does not wait
// for it; another viewer does not notice.
func TestIngestThatHangs(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	s := newSession(t)
	watch(t, s)
	r := runExit(t, s, fmt.Sprintf("rtmp://%s/live/abc", l.Addr()), Options{})
	st, _ := r.wait(t, 0, Waiting, "Nothing was taken by")
	t.Log(st.Message)
	time.Sleep(2 * time.Second) // the next has begun
	begin := time.Now()
	if err := r.stop(); err != nil || time.Since(begin) > grace+2*time.Second {
		t.Errorf("ending took %v: %v", time.Since(begin), err)
	}
	if ids := children(t); len(ids) > 0 {
		t.Errorf("left behind: %v", ids)
	}
}

// TestWithoutFFmpeg: one sentence, at once.
func TestWithoutFFmpeg(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := runExit(t, newSession(t), "rtmp://127.0.0.1:1/live/abc", Options{})
	if err := <-r.done; !errors.Is(err, ffmpeg.ErrMissing) {
		t.Error(err)
	}
	r.done <- nil
	r.wait(t, 0, Ended, "apt-get install ffmpeg")
}

// TestStreamSaysWhyNot: hosts that are not there, ports where nobody is, folders that are missing, sessions that have ended.
func TestStreamSaysWhyNot(t *testing.T) {
	testenv.FFmpeg(t)
	s := newSession(t)
	for url, want := range map[string]struct {
		state State
		says  string
	}{
		"rtmp://nowhere.invalid/live/abc":                     {Waiting, "not known"},
		"rtmp://127.0.0.1:9/live/abc":                         {Waiting, "Nobody answers"},
		"rtmps://127.0.0.1:9/live/abc":                        {Waiting, "Nobody answers"},
		"srt://nowhere.invalid:9000":                          {Waiting, "not known"},
		"srt://127.0.0.1:9?passphrase=ab":                     {Ended, "10 to 79"},
		"file:" + filepath.Join(t.TempDir(), "none", "a.mp4"): {Ended, "no such file or directory"},
	} {
		r := runExit(t, s, url, Options{})
		st, _ := r.wait(t, 0, want.state, want.says)
		if begin := time.Now(); want.state == Waiting && r.stop() != nil || time.Since(begin) > time.Second {
			t.Errorf("%s: it waits although it is to end", url)
		}
		t.Log(st.Message)
	}
	s.Close()
	r := runExit(t, s, "file:"+filepath.Join(t.TempDir(), "a.mp4"), Options{})
	if err := <-r.done; !errors.Is(err, pipeline.ErrClosed) {
		t.Error(err)
	}
	r.done <- nil
}

// blank is a session that nothing is drawn of.
type blank struct{ *pipeline.Session }

type nowhere struct{}

func (nowhere) WriteFrame(*frame.Encoded) error { return nil }

func (b blank) View(r pipeline.Rendition, _ pipeline.Sink) (*pipeline.Viewer, error) {
	return b.Session.View(r, nowhere{})
}

// TestNoPicture: without one there is no file, and a sentence.
func TestNoPicture(t *testing.T) {
	testenv.FFmpeg(t)
	path := filepath.Join(t.TempDir(), "a.mp4")
	r := runExit(t, blank{newSession(t)}, "file:"+path, Options{})
	for deadline := time.Now().Add(10 * time.Second); len(children(t)) == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	r.wait(t, 0, Ended, "No picture came")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is left: %v", err)
	}
}
