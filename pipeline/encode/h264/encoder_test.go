package h264

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

const frameTime = time.Second / 30

// scenes draws n pictures of a textured blob that nods in front of a still background.
func scenes(tb testing.TB, w, h, n int) []*frame.I420 {
	tb.Helper()
	out := make([]*frame.I420, n)
	for k := range out {
		f, err := frame.NewI420(w, h)
		if err != nil {
			tb.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		cx := float64(w)/2 + float64(w)/40*math.Sin(float64(k)/7)
		for i := range f.Y {
			x, y := float64(i%w), float64(i/w)
			grain := float64(rng.IntN(9) - 4)
			v := 90 + 40*math.Sin(x/37) + 30*math.Sin(y/23) + grain
			dx, dy := (x-cx)/float64(w)*4, (y-float64(h)/2)/float64(h)*3
			if dx*dx+dy*dy < 1 {
				v = 150 + 30*math.Cos(dx*9)*math.Cos(dy*11+float64(k)/9) + grain
			}
			f.Y[i] = uint8(min(max(v, 16), 235))
		}
		for i := range f.U {
			f.U[i], f.V[i] = uint8(120+i%8), uint8(130+i/w%8)
		}
		out[k] = f
	}
	return out
}

func loop(fs []*frame.I420, i int) *frame.I420 {
	k := i % (2*len(fs) - 2)
	if k >= len(fs) {
		k = 2*len(fs) - 2 - k
	}
	return fs[k]
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
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

func psnr(a, b []byte) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(a))/max(sum, 1))
}

func TestPicturesSurvive(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("SKIPPED, nothing was tested: ffmpeg is not installed")
	}
	for _, threads := range []int{1, 2} {
		const side, n = 256, 30
		e := newEncoder(t, func(c *Config) { c.Width, c.Height, c.Threads = side, side, threads })
		fs := scenes(t, side, side, 10)
		var out frame.Encoded
		var stream bytes.Buffer
		for i := range n {
			if err := e.Encode(&out, loop(fs, i), time.Duration(i)*frameTime, false); err != nil {
				t.Fatal(err)
			}
			if out.Key != (i == 0) || len(out.Data) == 0 {
				t.Errorf("frame %d: key %v, %d bytes", i, out.Key, len(out.Data))
			}
			stream.Write(out.Data)
		}
		cmd := exec.Command(ffmpeg, "-v", "error", "-f", "h264", "-i", "-", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
		cmd.Stdin = &stream
		raw, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := n * side * side * 3 / 2; len(raw) != want {
			t.Fatalf("decoded %d bytes, want %d", len(raw), want)
		}
		for i := 10; i < n; i++ {
			at := i * side * side * 3 / 2
			if p := psnr(loop(fs, i).Y, raw[at:at+side*side]); p < 32 {
				t.Errorf("%d threads, frame %d: PSNR %.1f dB, want 32", threads, i, p)
			}
		}
	}
}

func nals(b []byte) (out [][]byte) {
	for _, n := range bytes.Split(b, []byte{0, 0, 1}) {
		if n = bytes.TrimRight(n, "\x00"); len(n) > 0 {
			out = append(out, n)
		}
	}
	return out
}

func TestKeyframeCarriesParameters(t *testing.T) {
	e := newEncoder(t, nil)
	fs := scenes(t, 512, 512, 4)
	var out frame.Encoded
	for i := range 20 {
		want := i == 0 || i == 11
		if err := e.Encode(&out, loop(fs, i), time.Duration(i)*frameTime, i == 11); err != nil {
			t.Fatal(err)
		}
		if out.Key != want || out.Trace.Key != want {
			t.Errorf("frame %d: key %v, want %v", i, out.Key, want)
		}
		if !out.Key {
			continue
		}
		units := nals(out.Data)
		kinds := map[byte]bool{}
		for _, n := range units {
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

func TestBitrateRebuilds(t *testing.T) {
	e := newEncoder(t, func(c *Config) { c.RebuildEvery = time.Second })
	fs := scenes(t, 512, 512, 12)
	var out frame.Encoded
	n := 0
	run := func(frames int) (bps float64, keys int) {
		total := 0
		for range frames {
			if err := e.Encode(&out, loop(fs, n), time.Duration(n)*frameTime, false); err != nil {
				t.Fatal(err)
			}
			n++
			total += len(out.Data)
			if out.Key {
				keys++
			}
		}
		return float64(total) * 8 * 30 / float64(frames), keys
	}
	for _, c := range []struct{ bps, keys int }{{1_500_000, 1}, {1_300_000, 0}, {500_000, 1}, {1_000_000, 1}} {
		if err := e.SetBitrate(c.bps); err != nil {
			t.Fatal(err)
		}
		_, keys := run(60)
		got, more := run(60)
		t.Logf("target %d bit/s: measured %.0f, %d keyframes", c.bps, got, keys)
		if keys != c.keys || more != 0 {
			t.Errorf("target %d: %d then %d keyframes, want %d then none", c.bps, keys, more, c.keys)
		}
		if got > 1.35*float64(c.bps) || got < 0.5*float64(c.bps) {
			t.Errorf("target %d bit/s: measured %.0f", c.bps, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	if _, err := New(Config{Width: 511}); !errors.Is(err, ErrConfig) {
		t.Errorf("config: %v", err)
	}
	e := newEncoder(t, func(c *Config) { c.Width, c.Height = 64, 64 })
	var out frame.Encoded
	good := scenes(t, 64, 64, 1)[0]
	if err := e.Encode(&out, scenes(t, 32, 64, 1)[0], 0, false); !errors.Is(err, ErrSize) {
		t.Errorf("size: %v", err)
	}
	if err := e.Encode(&out, good, 0, false); err != nil {
		t.Error(err)
	}
	if err := e.Encode(&out, good, 0, false); !errors.Is(err, ErrPTS) || len(out.Data) != 0 {
		t.Errorf("time stands still: %v", err)
	}
	if err := e.SetBitrate(-1); !errors.Is(err, ErrConfig) {
		t.Errorf("bitrate: %v", err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := e.Encode(&out, good, time.Second, false); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestOpensAreFreed(t *testing.T) {
	for range 40 {
		e, err := New(DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(e.Close(), io.EOF); !errors.Is(err, io.EOF) || errors.Is(err, ErrEncoder) {
			t.Fatal(err)
		}
	}
}

// BenchmarkEncode reports what the decision record in doc.go quotes.
func BenchmarkEncode(b *testing.B) {
	for _, side := range []int{256, 512, 1024} {
		b.Run(fmt.Sprint(side), func(b *testing.B) {
			e := newEncoder(b, func(c *Config) { c.Width, c.Height = side, side })
			fs := scenes(b, side, side, 12)
			var out frame.Encoded
			var took []time.Duration
			total, keyBytes := 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				key := i%150 == 100
				start := time.Now()
				if err := e.Encode(&out, loop(fs, i), time.Duration(i)*frameTime, key); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
				total += len(out.Data)
				if key {
					keyBytes = len(out.Data)
				}
			}
			slices.Sort(took)
			ms := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1000 }
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.95), "p95-ms")
			b.ReportMetric(ms(1), "max-ms")
			b.ReportMetric(float64(total)*8*30/float64(b.N)/1000, "kbit/s")
			b.ReportMetric(float64(keyBytes), "key-bytes")
		})
	}
}
