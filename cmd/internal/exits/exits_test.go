package exits

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func TestOpen(t *testing.T) {
	for text, says := range map[string]string{
		"file:a.ivf": "", "file:///tmp/a.ivf": "", "file:a.mp4": ".ivf", "file://host/a.ivf": ".ivf",
		"gopher://x": "there are file", "a.ivf": "there are file", "%zz": "invalid",
	} {
		_, err := Open(text, Options{})
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// feed is a session that gives one viewer n frames of a grey picture, compressed by the real encoder.
type feed struct {
	t *testing.T
	n int
}

func (f feed) Listen(pipeline.SoundSink) (*pipeline.Listener, error) { return nil, errEnd }

func (f feed) View(r pipeline.Rendition, to pipeline.Sink) (*pipeline.Viewer, error) {
	c := pipeline.DefaultConfig()
	c.Size, r.Edge, r.MaxBPS = 256, 256, c.BitrateMax
	enc, err := encode.New(c)(r)
	if err != nil {
		return nil, err
	}
	testenv.CloseAfter(f.t, enc)
	img, err := frame.NewI420(256, 256)
	if err != nil {
		return nil, err
	}
	for i := range f.n {
		e := frame.Encoded{PTS: time.Duration(i) * time.Second / 30}
		if err := enc.Encode(&e, img, e.PTS, i == 0); err != nil {
			return nil, err
		}
		if err := to.WriteFrame(&e); err != nil {
			return nil, err
		}
	}
	return nil, errEnd
}

var errEnd = errors.New("that was all")

// TestRecording: what was written is what ffmpeg reads, also where the recording broke off.
func TestRecording(t *testing.T) {
	testenv.FFmpeg(t)
	path := filepath.Join(t.TempDir(), "a.ivf")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &ivfSink{queue: make(chan []byte, 64)}
	if _, err := (feed{t, 20}).View(pipeline.Rendition{Codec: pipeline.VP8}, s); !errors.Is(err, errEnd) {
		t.Fatal(err)
	}
	if err := errors.Join(s.finish(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || binary.LittleEndian.Uint32(b[24:]) != 20 {
		t.Fatalf("%v, %d frames in the header", err, binary.LittleEndian.Uint32(b[24:]))
	}
	for _, size := range []int{len(b), len(b) - 5} {
		if err := os.WriteFile(path, b[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames", "-of", "csv=p=0", path).Output()
		if want := map[bool]string{true: "256,256,20", false: "256,256,19"}[size == len(b)]; err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%d bytes: %q, %v, want %q", size, out, err, want)
		}
	}
}

// TestSlowDisk: frames that nobody writes cost the session nothing but themselves.
func TestSlowDisk(t *testing.T) {
	s := &ivfSink{queue: make(chan []byte, 1)}
	f := &frame.Encoded{Data: make([]byte, 100)}
	if err := s.WriteFrame(f); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFrame(f); !errors.Is(err, errSlowDisk) {
		t.Error(err)
	}
}

// TestRecordingSaysWhyNot: a folder that is not there, and a session that lets nobody in.
func TestRecordingSaysWhyNot(t *testing.T) {
	exit, err := Open("file:"+filepath.Join(t.TempDir(), "none", "a.ivf"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := exit.Run(context.Background(), feed{t, 1}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if exit, err = Open("file:"+filepath.Join(t.TempDir(), "a.ivf"), Options{}); err != nil {
		t.Fatal(err)
	}
	if err := exit.Run(context.Background(), feed{t, 1}); !errors.Is(err, errEnd) {
		t.Error(err)
	}
}
