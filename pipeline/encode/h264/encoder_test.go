package h264

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/encode/encodetest"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func newEncoder(tb testing.TB, change func(*Config)) *Encoder {
	tb.Helper()
	cfg := DefaultConfig()
	change(&cfg)
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

func TestConformance(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d threads", threads), func(t *testing.T) {
			(&encodetest.Suite{
				New: func(edge int) (encodetest.Encoder, error) {
					cfg := DefaultConfig()
					cfg.Width, cfg.Height, cfg.Threads = edge, edge, threads
					return New(cfg)
				},
				Decode: decode, ErrConfig: ErrConfig, ErrSize: ErrSize, ErrPTS: ErrPTS, ErrClosed: ErrClosed,
				Allocations: 0, Over: 1.35, Settle: 60,
			}).Run(t)
		})
	}
}

func decode(tb testing.TB, stream [][]byte, edge int) (out []*frame.I420) {
	tb.Helper()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		tb.Skip("SKIPPED, nothing was decoded: ffmpeg is not installed")
	}
	cmd := exec.Command(ffmpeg, "-v", "error", "-f", "h264", "-i", "-", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
	cmd.Stdin = bytes.NewReader(bytes.Join(stream, nil))
	raw, err := cmd.Output()
	if err != nil {
		tb.Fatal(err)
	}
	for n := edge * edge * 3 / 2; len(raw) >= n; raw = raw[n:] {
		f, err := frame.NewI420(edge, edge)
		if err != nil {
			tb.Fatal(err)
		}
		copy(f.Y, raw)
		copy(f.U, raw[edge*edge:])
		copy(f.V, raw[edge*edge*5/4:])
		out = append(out, f)
	}
	return out
}

func nals(b []byte) (out [][]byte) {
	for n := range bytes.SplitSeq(b, []byte{0, 0, 1}) {
		if n = bytes.TrimRight(n, "\x00"); len(n) > 0 {
			out = append(out, n)
		}
	}
	return out
}

func TestKeyframeCarriesParameters(t *testing.T) {
	e := newEncoder(t, func(*Config) {})
	fs := encodetest.Scenes(t, 512, 512, 4)
	var out frame.Encoded
	var first [][]byte
	for i := range 20 {
		if err := e.Encode(&out, encodetest.Loop(fs, i), time.Duration(i)*encodetest.FrameTime, i == 11); err != nil {
			t.Fatal(err)
		}
		if !out.Key {
			continue
		}
		kinds := map[byte]bool{}
		for _, n := range nals(out.Data) {
			kinds[n[0]&0x1f] = true
			if n[0]&0x1f == 7 {
				t.Logf("SPS profile %#x constraints %#x level %d", n[1], n[2], n[3])
				if n[1] != 66 || n[2]&0x40 == 0 || n[3] > 31 {
					t.Errorf("frame %d: SPS % x is not constrained baseline up to level 3.1", i, n[:4])
				}
			}
		}
		if first == nil {
			first = nals(bytes.Clone(out.Data))[:2]
		}
		if again := nals(out.Data)[:2]; !slices.EqualFunc(first, again, bytes.Equal) { // who joins by a file's header has only the first
			t.Errorf("frame %d: parameters % x, at first % x", i, again, first)
		}
		if !kinds[7] || !kinds[8] || !kinds[5] {
			t.Errorf("frame %d: NAL kinds %v, want 7, 8 and 5", i, kinds)
		}
	}
}

// TestBitrateWithoutKeyframe: the network's changes cost no keyframe.
func TestBitrateWithoutKeyframe(t *testing.T) {
	e := newEncoder(t, func(*Config) {})
	fs := encodetest.Scenes(t, 512, 512, 12)
	var out frame.Encoded
	for i := range 240 {
		if i%20 == 10 {
			if err := e.SetBitrate(300_000 + i*5000); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Encode(&out, encodetest.Loop(fs, i), time.Duration(i)*encodetest.FrameTime, false); err != nil {
			t.Fatal(err)
		}
		if out.Key != (i == 0) {
			t.Errorf("frame %d: keyframe is %v", i, out.Key)
		}
	}
}

// TestTheBackgroundSharpens: what stands still behind a moving face is refined after the coarse first keyframe.
func TestTheBackgroundSharpens(t *testing.T) {
	const edge, corner = 512, 96
	e := newEncoder(t, func(*Config) {})
	fs := encodetest.Scenes(t, edge, edge, 60)
	var stream [][]byte
	var out frame.Encoded
	for i := range 300 {
		if err := e.Encode(&out, encodetest.Loop(fs, i), time.Duration(i)*encodetest.FrameTime, false); err != nil {
			t.Fatal(err)
		}
		stream = append(stream, bytes.Clone(out.Data))
	}
	pictures := decode(t, stream, edge)
	cut := func(f *frame.I420) (b []byte) {
		for y := range corner {
			b = append(b, f.Y[y*edge:y*edge+corner]...)
		}
		return b
	}
	last := len(pictures) - 1
	if dB := encodetest.PSNR(cut(pictures[last]), cut(encodetest.Loop(fs, last))); dB < 42 {
		t.Errorf("after ten seconds the corner is at %.1f dB, want 42", dB)
	} else {
		t.Logf("%.1f dB in frame 3, %.1f dB in frame %d", encodetest.PSNR(cut(pictures[3]), cut(encodetest.Loop(fs, 3))), dB, last)
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := New(Config{Width: 511}); !errors.Is(err, ErrConfig) {
		t.Errorf("config: %v", err)
	}
}

// BenchmarkEncode reports what the decision record in doc.go quotes.
func BenchmarkEncode(b *testing.B) {
	for _, side := range []int{256, 512, 1024} {
		b.Run(strconv.Itoa(side), func(b *testing.B) {
			encodetest.Bench(b, newEncoder(b, func(c *Config) { c.Width, c.Height = side, side }), side)
		})
	}
}
