package exits

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
)

// clap is when the picture turns white and the sound begins.
const clap = 3 * time.Second

// flash draws black, and white from a moment on.
type flash struct {
	at   time.Time
	late atomic.Int64 // how much after that the first white picture was drawn, ns; a busy machine may take a while
}

func (g *flash) Generate(batch []pipeline.Job) {
	level := byte(16)
	if late := time.Since(g.at); late >= 0 {
		level = 235
		g.late.CompareAndSwap(0, int64(late))
	}
	for _, job := range batch {
		for i := range job.Dst.Y {
			job.Dst.Y[i] = level
		}
		for i := range job.Dst.U {
			job.Dst.U[i], job.Dst.V[i] = 128, 128
		}
	}
}

// opus is a tone that begins at the clap, in packets of 20 ms.
func opus(t *testing.T) [][]byte {
	t.Helper()
	cmd := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-t", "7", "-i",
		fmt.Sprintf("aevalsrc='if(gte(t,%g),0.5*sin(2*PI*1000*t),0)':s=48000", clap.Seconds()),
		"-c:a", "libopus", "-frame_duration", "20", "-f", "ogg", "-")
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packets [][]byte
	var p []byte
	for len(b) >= 27 { // RFC 3533, 6
		n := int(b[26])
		lengths, body := b[27:27+n], b[27+n:]
		for _, l := range lengths {
			p = append(p, body[:l]...)
			body = body[l:]
			if l < 255 {
				packets, p = append(packets, p), nil
			}
		}
		b = body
	}
	return packets[2:] // behind its headers
}

// say sends the packets as a driver's browser would, each some time after it sounded, until ctx ends.
func say(ctx context.Context, s *pipeline.Session, packets [][]byte, begin time.Time) {
	for i, p := range packets {
		at := begin.Add(time.Duration(i) * 20 * time.Millisecond)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(at.Add(60 * time.Millisecond))):
		}
		s.Sound(&pipeline.Packet{Opus: p, Span: 20 * time.Millisecond}, at)
	}
}

// claps finds when the picture of a film turns white and when its sound begins, in its own time.
func claps(t *testing.T, path string) (seen, heard float64) {
	t.Helper()
	decode := func(args ...string) []byte {
		cmd := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-i", path}, args...)...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	f := readFilm(t, path)
	grey := decode("-map", "0:v", "-fps_mode", "passthrough", "-vf", "scale=16:16,format=gray", "-f", "rawvideo", "-")
	seen, heard = -1, -1
	for i, at := range f.frames {
		if k := i*256 + 128; k < len(grey) && grey[k] > 128 {
			seen = at
			break
		}
	}
	const rate = 48000
	pcm := decode("-map", "0:a", "-af", "aresample=async=1:first_pts=0", "-ar", "48000", "-ac", "1", "-f", "s16le", "-")
	for i := 0; i+2 <= len(pcm); i += 2 {
		if v := int16(binary.LittleEndian.Uint16(pcm[i:])); v > 3000 || v < -3000 {
			heard = min(f.frames[0], f.sounds[0]) + float64(i/2)/rate
			break
		}
	}
	return seen, heard
}

// TestSoundFitsThePicture: a clap is seen and heard at the same time, whatever carries it, also where the microphone starts
// in mid-stream.
func TestSoundFitsThePicture(t *testing.T) {
	testenv.Full(t)
	testenv.FFmpeg(t)
	packets, dir := opus(t), t.TempDir()
	rtmp := fmt.Sprintf("rtmp://127.0.0.1:%d/live/key", unusedTCP(t))
	srt := fmt.Sprintf("srt://127.0.0.1:%d", unusedUDP(t))
	for name, tc := range map[string]struct {
		url     string
		listens []string
		late    int // packets at the beginning that are not sent
	}{
		"a.mp4":    {url: "file:" + filepath.Join(dir, "a.mp4")},
		"b.mkv":    {url: "file:" + filepath.Join(dir, "b.mkv")},
		"late.mp4": {url: "file:" + filepath.Join(dir, "late.mp4"), late: 70},
		"rtmp.mkv": {rtmp, []string{"-listen", "1", "-i", rtmp}, 70},
		"srt.mkv":  {srt, []string{"-i", srt + "?mode=listener"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			path, ended := filepath.Join(dir, name), func() {}
			if tc.listens != nil {
				ended = listen(t, path, tc.listens...)
				time.Sleep(time.Second)
			}
			begin := time.Now()
			white := &flash{at: begin.Add(clap)}
			s := newSessionOf(t, white)
			r := runExit(t, s, tc.url, Options{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go say(ctx, s, packets[tc.late:], begin.Add(time.Duration(tc.late)*20*time.Millisecond))
			time.Sleep(5500 * time.Millisecond)
			if err := r.stop(); err != nil {
				t.Error(err)
			}
			ended()
			seen, heard := claps(t, path)
			off := heard - seen + time.Duration(white.late.Load()).Seconds()
			t.Logf("seen at %.3f s, heard at %.3f s: %+.0f ms", seen, heard, 1000*off)
			if seen < 1 || heard < 1 || off > 0.045 || off < -0.045 {
				t.Errorf("the sound comes %.0f ms after the picture", 1000*off)
			}
		})
	}
}
