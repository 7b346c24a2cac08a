package exits

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
)

// statuses keeps what an exit reports.
type statuses struct {
	mu  sync.Mutex
	all []Status
}

func (s *statuses) hear(one Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, one)
}

// wait waits for a status of a state whose message holds a text, among those after the first n; it tells how many there are.
func (s *statuses) wait(t *testing.T, n int, state State, says string) (Status, int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		all := slices.Clone(s.all)
		s.mu.Unlock()
		for i, one := range all[min(n, len(all)):] {
			if one.State == state && strings.Contains(one.Message, says) {
				return one, n + i + 1
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Fatalf("it is not %s with %q; it was %+v", state, says, s.all)
	return Status{}, 0
}

// running is an exit of a test that runs.
type runningExit struct {
	statuses
	stop func() error // ends it and tells what Run returned
	done chan error
}

// runExit lets the session out to a URL until the test ends.
func runExit(t *testing.T, s pipeline.Feed, url string, o Options) *runningExit {
	t.Helper()
	r := &runningExit{done: make(chan error, 1)}
	o.Report = r.hear
	e, err := Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { r.done <- e.Run(ctx, s) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-r.done })
	t.Cleanup(func() { _ = r.stop() })
	return r
}

// film is what ffprobe reads of what arrived.
type film struct {
	video, sound string // codecs
	width        int
	frames       []float64 // times, s
	keys         []float64
	sounds       []float64
}

func readFilm(t *testing.T, path string) (f film) {
	t.Helper()
	cmd := exec.Command("ffprobe", "-v", "error", "-show_packets", "-show_streams", "-of", "json", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var p struct {
		Packets []struct {
			Kind  string `json:"codec_type"`
			Time  string `json:"pts_time"`
			Flags string `json:"flags"`
		} `json:"packets"`
		Streams []struct {
			Kind  string `json:"codec_type"`
			Codec string `json:"codec_name"`
			Width int    `json:"width"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Streams {
		if s.Kind == "video" {
			f.video, f.width = s.Codec, s.Width
		} else {
			f.sound = s.Codec
		}
	}
	for _, k := range p.Packets {
		at, _ := strconv.ParseFloat(k.Time, 64)
		switch {
		case k.Kind == "audio":
			f.sounds = append(f.sounds, at)
			continue
		case k.Flags[0] == 'K':
			f.keys = append(f.keys, at)
		}
		f.frames = append(f.frames, at)
	}
	return f
}

// check says what a platform would not like: a rate far from 30, keyframes more than 2 s apart, no sound, gaps in it, or a
// sound that begins elsewhere than the picture.
func (f *film) check(t *testing.T, seconds float64) {
	t.Helper()
	if len(f.frames) < 2 || len(f.sounds) < 2 {
		t.Fatalf("%d frames, %d pieces of sound", len(f.frames), len(f.sounds))
	}
	length := f.frames[len(f.frames)-1] - f.frames[0]
	rate := float64(len(f.frames)-1) / length
	if length < seconds || rate < 20 || rate > 31 {
		t.Errorf("%.1f s at %.1f frames/s, want %.1f s at 30", length, rate, seconds)
	}
	for i := range f.keys[1:] {
		if d := f.keys[i+1] - f.keys[i]; d > 2.0 {
			t.Errorf("keyframes %.2f s apart", d)
		}
	}
	if want := int(length / 2); len(f.keys) < want {
		t.Errorf("%d keyframes in %.1f s", len(f.keys), length)
	}
	for i := range f.sounds[1:] {
		if d := f.sounds[i+1] - f.sounds[i]; d > 0.045 || d < 0.005 {
			t.Errorf("%.3f s from one piece of sound to the next", d)
		}
	}
	if off := f.sounds[0] - f.frames[0]; off < -0.05 || off > 0.05 {
		t.Errorf("the sound begins %.3f s after the picture", off)
	}
	if off := f.sounds[len(f.sounds)-1] - f.frames[len(f.frames)-1]; off < -0.4 || off > 0.1 {
		t.Errorf("the sound ends %.3f s after the picture", off)
	}
}

func TestRecordings(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	dir := t.TempDir()
	s := newSession(t)
	var all []*runningExit
	for name := range fileKinds() {
		all = append(all, runExit(t, s, "file:"+filepath.Join(dir, "a"+name), Options{}))
	}
	time.Sleep(5 * time.Second)
	for _, r := range all {
		r.wait(t, 0, Live, "")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if last, _ := r.wait(t, 0, Ended, ""); last.Message != "" || last.Bytes < 1000 {
			t.Errorf("at the end: %+v", last)
		}
	}
	for name, want := range map[string][2]string{".mp4": {"h264", "aac"}, ".mkv": {"h264", "opus"}, ".webm": {"vp8", "opus"}} {
		f := readFilm(t, filepath.Join(dir, "a"+name))
		t.Logf("%s: %d frames, keys %v, sound from %.3f", name, len(f.frames), f.keys, f.sounds[0])
		f.check(t, 4)
		if f.video != want[0] || f.sound != want[1] || f.width != 256 {
			t.Errorf("%s: %s and %s, %d wide", name, f.video, f.sound, f.width)
		}
	}
}
