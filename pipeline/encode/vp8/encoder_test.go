package vp8

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

const frameTime = time.Second / 30

// scene draws picture n of a textured face-like blob that nods in front of a still background.
func scene(f *frame.I420, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	w, h := f.Width, f.Height
	cx := float64(w)/2 + float64(w)/40*math.Sin(float64(n)/7)
	cy := float64(h)/2 + float64(h)/60*math.Cos(float64(n)/5)
	for y := range h {
		for x := range w {
			grain := float64(rng.IntN(9) - 4)
			v := 90 + 40*math.Sin(float64(x)/37) + 30*math.Sin(float64(y)/23) + grain
			dx, dy := (float64(x)-cx)/float64(w)*4, (float64(y)-cy)/float64(h)*3
			if dx*dx+dy*dy < 1 {
				v = 150 + 30*math.Cos(dx*9)*math.Cos(dy*11+float64(n)/9) + grain
			}
			f.Y[y*w+x] = uint8(min(max(v, 16), 235))
		}
	}
	for i := range f.U {
		f.U[i], f.V[i] = uint8(120+i%8), uint8(130+i/w%8)
	}
}

func scenes(tb testing.TB, w, h, n int) []*frame.I420 {
	tb.Helper()
	out := make([]*frame.I420, n)
	for i := range out {
		f, err := frame.NewI420(w, h)
		if err != nil {
			tb.Fatal(err)
		}
		scene(f, i)
		out[i] = f
	}
	return out
}

// loop goes back and forth so that the picture never jumps.
func loop(fs []*frame.I420, i int) *frame.I420 {
	k := i % (2*len(fs) - 2)
	if k >= len(fs) {
		k = 2*len(fs) - 2 - k
	}
	return fs[k]
}

func psnr(a, b []byte) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(len(a))/sum)
}

func newEncoder(tb testing.TB, change func(*Config)) *Encoder {
	tb.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

func TestPicturesSurvive(t *testing.T) {
	for _, side := range []int{64, 256, 512} {
		t.Run(fmt.Sprint(side), func(t *testing.T) {
			e := newEncoder(t, func(c *Config) { c.Width, c.Height = side, side })
			d, err := NewDecoder()
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			var out frame.Encoded
			fs := scenes(t, side, side, 10)
			for i := range 40 {
				src := loop(fs, i)
				if err := e.Encode(&out, src, time.Duration(i)*frameTime, false); err != nil {
					t.Fatal(err)
				}
				if out.Key != (i == 0) {
					t.Errorf("frame %d: key %v", i, out.Key)
				}
				got, err := d.Decode(out.Data)
				if err != nil {
					t.Fatal(err)
				}
				if p := psnr(src.Y, got.Y); i > 10 && p < 32 {
					t.Errorf("frame %d: PSNR %.1f dB, want 32", i, p)
				}
			}
		})
	}
}

func TestKeyframeOnDemand(t *testing.T) {
	e := newEncoder(t, nil)
	fs := scenes(t, 512, 512, 8)
	var out frame.Encoded
	for i := range 30 {
		want := i == 0 || i == 17
		if err := e.Encode(&out, loop(fs, i), time.Duration(i)*frameTime, i == 17); err != nil {
			t.Fatal(err)
		}
		if out.Key != want || out.Trace.Key != want || out.Trace.Bytes != len(out.Data) {
			t.Errorf("frame %d: key %v, trace %+v, %d bytes; want key %v", i, out.Key, out.Trace, len(out.Data), want)
		}
	}
}

func TestBitrateFollows(t *testing.T) {
	e := newEncoder(t, nil)
	fs := scenes(t, 512, 512, 12)
	var out frame.Encoded
	n := 0
	run := func(frames int) (bps float64) {
		bytes := 0
		for range frames {
			if err := e.Encode(&out, loop(fs, n), time.Duration(n)*frameTime, false); err != nil {
				t.Fatal(err)
			}
			n++
			bytes += len(out.Data)
		}
		return float64(bytes) * 8 * 30 / float64(frames)
	}
	for _, want := range []int{1_500_000, 500_000, 1_000_000, 300_000} {
		if err := e.SetBitrate(want); err != nil {
			t.Fatal(err)
		}
		run(30) // one second to settle
		got := run(60)
		t.Logf("target %d bit/s: measured %.0f", want, got)
		if got > 1.25*float64(want) || got < 0.5*float64(want) {
			t.Errorf("target %d bit/s: measured %.0f", want, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Run("config", func(t *testing.T) {
		_, err := New(Config{Width: 511, Height: 100_000, FPS: 0, BitrateBPS: 1, Threads: 1})
		if !errors.Is(err, ErrConfig) || strings.Count(err.Error(), "\n") < 3 {
			t.Errorf("want all faults, got %v", err)
		}
	})
	t.Run("size and time", func(t *testing.T) {
		e := newEncoder(t, func(c *Config) { c.Width, c.Height = 64, 64 })
		var out frame.Encoded
		small := scenes(t, 64, 64, 1)[0]
		if err := e.Encode(&out, scenes(t, 32, 64, 1)[0], 0, false); !errors.Is(err, ErrSize) {
			t.Errorf("size: %v", err)
		}
		if err := e.Encode(&out, &frame.I420{Width: 64, Height: 64}, 0, false); !errors.Is(err, ErrSize) {
			t.Errorf("no planes: %v", err)
		}
		if err := e.Encode(&out, small, frameTime, false); err != nil {
			t.Error(err)
		}
		if err := e.Encode(&out, small, frameTime, false); !errors.Is(err, ErrPTS) || len(out.Data) != 0 {
			t.Errorf("time stands still: %v", err)
		}
		if err := e.SetBitrate(0); !errors.Is(err, ErrConfig) {
			t.Errorf("bitrate: %v", err)
		}
		for range 2 {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := e.Encode(&out, small, time.Second, false); !errors.Is(err, ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
	t.Run("damage", func(t *testing.T) {
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
	})
}

func TestNoAllocation(t *testing.T) {
	e := newEncoder(t, func(c *Config) { c.Width, c.Height = 128, 128 })
	fs := scenes(t, 128, 128, 4)
	out := frame.Encoded{Data: make([]byte, 0, 1<<16)}
	n := 0
	allocs := testing.AllocsPerRun(100, func() {
		n++
		if n%10 == 0 {
			_ = e.SetBitrate(200_000 + 1000*n)
		}
		if err := e.Encode(&out, loop(fs, n), time.Duration(n)*frameTime, n%25 == 0); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame, want 0", allocs)
	}
}

// BenchmarkEncode reports what the decision record in doc.go quotes.
func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct {
		side, threads, cpuUsed int
	}{{512, 1, 6}, {512, 1, 8}, {512, 2, 8}, {512, 1, 12}, {256, 1, 8}, {1024, 1, 8}} {
		b.Run(fmt.Sprintf("%d/threads=%d/cpu=%d", c.side, c.threads, c.cpuUsed), func(b *testing.B) {
			e := newEncoder(b, func(cfg *Config) {
				cfg.Width, cfg.Height, cfg.Threads, cfg.CPUUsed = c.side, c.side, c.threads, c.cpuUsed
			})
			fs := scenes(b, c.side, c.side, 12)
			var out frame.Encoded
			var took []time.Duration
			bytes, keyBytes := 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				key := i%150 == 100
				start := time.Now()
				if err := e.Encode(&out, loop(fs, i), time.Duration(i)*frameTime, key); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
				bytes += len(out.Data)
				if key {
					keyBytes = len(out.Data)
				}
			}
			slices.Sort(took)
			ms := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1000 }
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.95), "p95-ms")
			b.ReportMetric(ms(1), "max-ms")
			b.ReportMetric(float64(bytes)*8*30/float64(b.N)/1000, "kbit/s")
			b.ReportMetric(float64(keyBytes), "key-bytes")
		})
	}
}
