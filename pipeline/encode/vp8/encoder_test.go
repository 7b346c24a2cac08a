package vp8

import (
	"errors"
	"fmt"
	"strings"
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
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

func TestConformance(t *testing.T) {
	(&encodetest.Suite{
		New: func(edge int) (encodetest.Encoder, error) {
			cfg := DefaultConfig()
			cfg.Width, cfg.Height = edge, edge
			return New(cfg)
		},
		Decode: decode, ErrConfig: ErrConfig, ErrSize: ErrSize, ErrPTS: ErrPTS, ErrClosed: ErrClosed,
		Allocations: 0, Over: 1.25, Settle: 30,
	}).Run(t)
}

func decode(tb testing.TB, stream [][]byte, _ int) (out []*frame.I420) {
	tb.Helper()
	d, err := NewDecoder()
	if err != nil {
		tb.Fatal(err)
	}
	defer d.Close()
	for _, data := range stream {
		f, err := d.Decode(data)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func TestConfigTellsAllFaults(t *testing.T) {
	_, err := New(Config{Width: 511, Height: 100_000, FPS: 0, BitrateBPS: 1, Threads: 1})
	if !errors.Is(err, ErrConfig) || strings.Count(err.Error(), "\n") < 3 {
		t.Errorf("want all faults, got %v", err)
	}
}

func TestDecoderRefusesDamage(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, b := range [][]byte{nil, {}, {1}, make([]byte, 40)} {
		if f, err := d.Decode(b); err == nil && f != nil {
			t.Errorf("%d zero bytes decoded to %dx%d", len(b), f.Width, f.Height)
		}
	}
}

// A viewer that is moved to a smaller rendition hears of it by a keyframe of another size, in the same stream.
func TestDecoderFollowsTheSize(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for i, edge := range []int{512, 256, 512} {
		e := newEncoder(t, func(c *Config) { c.Width, c.Height = edge, edge })
		var out frame.Encoded
		if err := e.Encode(&out, encodetest.Scenes(t, edge, edge, 1)[0], time.Duration(i)*time.Second, true); err != nil {
			t.Fatal(err)
		}
		f, err := d.Decode(out.Data)
		if err != nil {
			t.Fatal(err)
		}
		if f.Width != edge || f.Height != edge {
			t.Errorf("decoded %dx%d, want %d", f.Width, f.Height, edge)
		}
	}
}

// BenchmarkEncode reports what the decision record in doc.go quotes.
func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct {
		side, threads, cpuUsed int
	}{{512, 1, 6}, {512, 1, 8}, {512, 2, 8}, {512, 1, 12}, {256, 1, 8}, {1024, 1, 8}} {
		b.Run(fmt.Sprintf("%d/threads=%d/cpu=%d", c.side, c.threads, c.cpuUsed), func(b *testing.B) {
			encodetest.Bench(b, newEncoder(b, func(cfg *Config) {
				cfg.Width, cfg.Height, cfg.Threads, cfg.CPUUsed = c.side, c.side, c.threads, c.cpuUsed
			}), c.side)
		})
	}
}

// TestThrift: with thrift what changes by little is left, so that there is less to send and still a good picture, and without it all is as
// before; no keyframe marks either.
func TestThrift(t *testing.T) {
	pictures := encodetest.Scenes(t, 256, 256, 90) // it nods about once in that time
	e := newEncoder(t, func(c *Config) { c.Width, c.Height, c.ThriftThreshold = 256, 256, 5000 })
	var dst frame.Encoded
	n := 0
	run := func() (bytes int) {
		for range 2 * len(pictures) {
			if err := e.Encode(&dst, pictures[n%len(pictures)], time.Duration(n+1)*encodetest.FrameTime, false); err != nil {
				t.Fatal(err)
			}
			if n++; n > 1 && dst.Key {
				t.Errorf("picture %d is a keyframe", n)
			}
			bytes += len(dst.Data)
		}
		return bytes
	}
	run()
	before := run()
	e.SetThrift(true)
	with := run()
	e.SetThrift(false)
	after := run()
	t.Logf("%d bytes, %d with thrift, then %d", before, with, after)
	if with > before*9/10 || after < before*97/100 {
		t.Errorf("180 frames take %d bytes, %d with thrift, then %d", before, with, after)
	}
}
