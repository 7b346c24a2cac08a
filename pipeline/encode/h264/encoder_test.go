package h264

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
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

// TestConformance settles for longer than the time between two rebuilds, and allows what the builder allocates.
func TestConformance(t *testing.T) {
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d threads", threads), func(t *testing.T) {
			(&encodetest.Suite{
				New: func(edge int) (encodetest.Encoder, error) {
					cfg := DefaultConfig()
					cfg.Width, cfg.Height, cfg.Threads, cfg.RebuildEvery = edge, edge, threads, time.Second
					return New(cfg)
				},
				Decode: decode, ErrConfig: ErrConfig, ErrSize: ErrSize, ErrPTS: ErrPTS, ErrClosed: ErrClosed,
				Allocations: 2, Over: 1.35, Settle: 60,
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
		if !kinds[7] || !kinds[8] || !kinds[5] {
			t.Errorf("frame %d: NAL kinds %v, want 7, 8 and 5", i, kinds)
		}
	}
}

// A small change of the bitrate is not worth the keyframe of a new encoder.
func TestBitrateRebuilds(t *testing.T) {
	e := newEncoder(t, func(c *Config) { c.RebuildEvery = time.Second })
	fs := encodetest.Scenes(t, 512, 512, 12)
	var out frame.Encoded
	n := 0
	run := func(frames int) (keys int) {
		for range frames {
			if err := e.Encode(&out, encodetest.Loop(fs, n), time.Duration(n)*encodetest.FrameTime, false); err != nil {
				t.Fatal(err)
			}
			n++
			if out.Key {
				keys++
			}
		}
		return keys
	}
	for _, c := range []struct{ bps, keys int }{{1_500_000, 1}, {1_300_000, 0}, {500_000, 1}, {1_000_000, 1}} {
		if err := e.SetBitrate(c.bps); err != nil {
			t.Fatal(err)
		}
		if keys, more := run(60), run(60); keys != c.keys || more != 0 {
			t.Errorf("target %d: %d then %d keyframes, want %d then none", c.bps, keys, more, c.keys)
		}
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
