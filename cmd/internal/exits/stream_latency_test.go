package exits

import (
	"bufio"
	"fmt"
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
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// clocked is a session that notes when each frame was given to a viewer.
type clocked struct {
	*pipeline.Session
	to pipeline.Sink

	mu    sync.Mutex
	given map[int]time.Time // by time of the frame, ms after the first
	first time.Duration
}

func (c *clocked) View(r pipeline.Rendition, to pipeline.Sink) (*pipeline.Viewer, error) {
	c.to = to
	return c.Session.View(r, c)
}

func (c *clocked) WriteFrame(f *frame.Encoded) error {
	c.mu.Lock()
	if len(c.given) == 0 {
		c.first = f.PTS
	}
	c.given[int((f.PTS - c.first).Milliseconds())] = time.Now()
	c.mu.Unlock()
	return c.to.WriteFrame(f)
}

// late measures how long after it was given to the exit each frame arrives at an ffmpeg that prints it.
func (c *clocked) late(t *testing.T, begun func(), args ...string) []time.Duration {
	t.Helper()
	cmd := exec.Command("ffmpeg", append(append([]string{"-v", "error", "-nostdin", "-fflags", "nobuffer", "-analyzeduration", "500000"}, args...),
		"-map", "0:v", "-c", "copy", "-copyts", "-flush_packets", "1", "-f", "framecrc", "-")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	time.Sleep(time.Second)
	begun()
	type arrival struct {
		ticks int
		at    time.Time
	}
	var all []arrival
	base := 1000
	for lines := bufio.NewScanner(out); lines.Scan() && len(all) < 200; {
		text := lines.Text()
		if rate, ok := strings.CutPrefix(text, "#tb 0: 1/"); ok {
			base, _ = strconv.Atoi(rate)
		}
		if fields := strings.Split(text, ","); len(fields) > 4 {
			pts, _ := strconv.Atoi(strings.TrimSpace(fields[2]))
			all = append(all, arrival{pts, time.Now()})
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// The far side counts from elsewhere: the shift that fits most frames is the right one.
	best, shift := 0, 0
	for s := -1500; s <= 3000; s++ {
		n := 0
		for _, a := range all {
			if _, ok := c.given[a.ticks*1000/base-s]; ok {
				n++
			}
		}
		if n > best {
			best, shift = n, s
		}
	}
	var late []time.Duration
	for _, a := range all[len(all)/4:] { // until then it finds out what comes
		if at, ok := c.given[a.ticks*1000/base-shift]; ok {
			late = append(late, a.at.Sub(at))
		}
	}
	slices.Sort(late)
	return late
}

// cpu is the time that our ffmpegs have computed for so far.
func cpu(t *testing.T) (d time.Duration) {
	t.Helper()
	for _, id := range children(t) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		f := strings.Fields(rest)
		for _, k := range []int{11, 12} { // utime, stime
			n, _ := strconv.Atoi(f[k])
			d += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return d
}

// TestLatency: what the way through ffmpeg adds, until another ffmpeg has it.
func TestLatency(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	rtmp := fmt.Sprintf("rtmp://127.0.0.1:%d/live/key", unusedTCP(t))
	srt := fmt.Sprintf("srt://127.0.0.1:%d", unusedUDP(t))
	for name, tc := range map[string]struct {
		url    string
		listen []string
	}{
		"rtmp": {rtmp, []string{"-listen", "1", "-i", rtmp}},
		"srt":  {srt, []string{"-i", srt + "?mode=listener"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clocked{Session: newSession(t), given: map[int]time.Time{}}
			var r *runningExit
			var begin time.Time
			late := c.late(t, func() {
				r = runExit(t, c, tc.url, Options{})
				begin = time.Now()
			}, tc.listen...)
			if len(late) < 100 {
				t.Fatalf("%d frames arrived", len(late))
			}
			p50, p95 := late[len(late)/2], late[len(late)*95/100]
			// The listener is a child too, and copies only.
			t.Logf("%s: p50 %v, p95 %v; two ffmpegs take %.3f cores", filepath.Base(name), p50, p95, cpu(t).Seconds()/time.Since(begin).Seconds())
			if p50 > time.Second {
				t.Errorf("p50 %v", p50)
			}
			_ = r.stop()
		})
	}
}
