package matroska

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// encoder compresses grey pictures of 256x256 by the real encoder.
type encoder struct {
	enc pipeline.Encoder
	img *frame.I420
	out frame.Encoded
}

func newEncoder(tb testing.TB, codec string, edge int) *encoder {
	tb.Helper()
	c := pipeline.DefaultConfig()
	c.Size = edge
	enc, err := encode.New(c)(pipeline.Rendition{Codec: codec, Edge: edge, MaxBPS: c.BitrateMax})
	if err != nil {
		tb.Fatal(err)
	}
	testenv.CloseAfter(tb, enc)
	img, err := frame.NewI420(edge, edge)
	if err != nil {
		tb.Fatal(err)
	}
	return &encoder{enc: enc, img: img}
}

func (e *encoder) next(tb testing.TB, pts time.Duration, key bool) *frame.Encoded {
	tb.Helper()
	if err := e.enc.Encode(&e.out, e.img, pts, key); err != nil {
		tb.Fatal(err)
	}
	return &e.out
}

// probed is what ffprobe reads.
type probed struct {
	Packets []struct {
		Kind  string `json:"codec_type"`
		Time  string `json:"pts_time"`
		Flags string `json:"flags"`
	} `json:"packets"`
	Streams []struct {
		Codec  string `json:"codec_name"`
		Width  int    `json:"width"`
		Space  string `json:"color_space"`
		Rate   string `json:"sample_rate"`
		Frames string `json:"nb_read_frames"`
	} `json:"streams"`
}

func probe(t *testing.T, b []byte) (p probed) {
	t.Helper()
	testenv.FFmpeg(t)
	path := testenv.Write(t, filepath.Join(t.TempDir(), "a.mkv"), b)
	cmd := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_packets", "-show_streams", "-of", "json", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFFprobeReadsIt: times, keyframes and sound arrive as they were written, also where the stream breaks off.
func TestFFprobeReadsIt(t *testing.T) {
	silence := []byte{0xFC, 0xFF, 0xFE}
	for codec, name := range map[Codec]string{H264: pipeline.H264, VP8: pipeline.VP8} {
		var b bytes.Buffer
		w := NewWriter(&b, codec)
		e := newEncoder(t, name, 256)
		for i := range 300 {
			pts := time.Duration(i) * 33 * time.Millisecond
			if err := w.WriteFrame(e.next(t, pts, i%200 == 0).Data, i%200 == 0, pts); err != nil {
				t.Fatal(err)
			}
			if err := w.WriteSound(silence, pts); err != nil {
				t.Fatal(err)
			}
		}
		p := probe(t, b.Bytes())
		if len(p.Packets) != 600 || len(p.Streams) != 2 {
			t.Fatalf("%s: %d packets, %d streams", name, len(p.Packets), len(p.Streams))
		}
		v, a := p.Streams[0], p.Streams[1]
		if v.Codec != name || v.Width != 256 || v.Frames != "300" || v.Space != "smpte170m" || a.Codec != "opus" || a.Rate != "48000" {
			t.Errorf("%s: %+v", name, p.Streams)
		}
		if k := p.Packets[400]; k.Kind != "video" || k.Time != "6.600000" || k.Flags[0] != 'K' || p.Packets[402].Flags[0] == 'K' {
			t.Errorf("%s: the second keyframe: %+v %+v", name, k, p.Packets[402])
		}
		if p = probe(t, b.Bytes()[:b.Len()-5]); len(p.Packets) != 599 {
			t.Errorf("%s: %d packets of what broke off", name, len(p.Packets))
		}
	}
}

// TestWriterRefuses: what cannot begin a stream, and what cannot go on in it.
func TestWriterRefuses(t *testing.T) {
	for codec, name := range map[Codec]string{H264: pipeline.H264, VP8: pipeline.VP8} {
		w := NewWriter(io.Discard, codec)
		if err := w.WriteSound([]byte{1}, 0); err == nil || w.Begun() {
			t.Error("sound begins a stream")
		}
		if err := w.WriteFrame([]byte{0, 0, 1, 5, 1, 2, 3, 4, 5, 6, 7}, true, 0); err == nil || w.Begun() {
			t.Error("rubbish begins a stream")
		}
		e := newEncoder(t, name, 256)
		key := bytes.Clone(e.next(t, 0, true).Data)
		if err := w.WriteFrame(e.next(t, 33*time.Millisecond, false).Data, false, 0); err == nil || w.Begun() {
			t.Error("a stream begins without a keyframe")
		}
		if err := w.WriteFrame(key, true, 0); err != nil || !w.Begun() {
			t.Error(err)
		}
		if err := w.WriteFrame(newEncoder(t, name, 128).next(t, 0, true).Data, true, time.Second); !errors.Is(err, ErrParameters) {
			t.Errorf("another size: %v", err)
		}
		if err := w.WriteFrame(key, true, time.Second); err != nil {
			t.Errorf("the same size: %v", err)
		}
	}
}

// TestWriterDoesNotAllocate once its buffers have grown.
func TestWriterDoesNotAllocate(t *testing.T) {
	w := NewWriter(io.Discard, H264)
	key := bytes.Clone(newEncoder(t, pipeline.H264, 256).next(t, 0, true).Data)
	pts := time.Duration(0)
	if n := testing.AllocsPerRun(100, func() {
		pts += 33 * time.Millisecond
		if err := errors.Join(w.WriteFrame(key, true, pts), w.WriteSound(key[:3], pts)); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// TestRenumberedPicturesAreTheSame: what is decoded of the stream is what is decoded of the encoder's own.
func TestRenumberedPicturesAreTheSame(t *testing.T) {
	testenv.FFmpeg(t)
	var plain, b bytes.Buffer
	w := NewWriter(&b, H264)
	e := newEncoder(t, pipeline.H264, 256)
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		for j := range e.img.Y {
			e.img.Y[j] = byte(j+i*3) ^ byte(noise.Uint32()&15)
		}
		f := e.next(t, time.Duration(i)*33*time.Millisecond, i%20 == 0)
		plain.Write(f.Data)
		if err := w.WriteFrame(f.Data, f.Key, f.PTS); err != nil {
			t.Fatal(err)
		}
	}
	decode := func(format string, in []byte) string {
		cmd := exec.Command("ffmpeg", "-v", "error", "-f", format, "-i", "-", "-map", "0:v", "-fps_mode", "passthrough", "-f", "md5", "-")
		cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if want, got := decode("h264", plain.Bytes()), decode("matroska", b.Bytes()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
