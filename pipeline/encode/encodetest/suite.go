// Package encodetest is what every encoder must do, as one suite of tests and one benchmark.
package encodetest

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Encoder is what the pipeline asks of a codec; see pipeline.Encoder.
type Encoder interface {
	Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error
	SetBitrate(bps int) error
	SetRate(fps int) error
	Close() error
}

// Suite describes one codec.
type Suite struct {
	// New starts an encoder of square pictures at 30 frames a second and 1.5 Mbit/s; the suite closes it.
	New func(edge int) (Encoder, error)
	// Decode turns a stream back into one picture for each frame. It may skip the test.
	Decode func(tb testing.TB, stream [][]byte, edge int) []*frame.I420
	// The sentinels of a bad bitrate, a picture of another size, time that stands still, and use after Close.
	ErrConfig, ErrSize, ErrPTS, ErrClosed error
	// Allocations is how many a frame the encoder is allowed.
	Allocations float64
	// Over is by how much the rate may pass its target, as a factor, once Settle frames have passed.
	Over   float64
	Settle int
}

// Run runs every test of the suite.
func (s *Suite) Run(t *testing.T) {
	t.Run("pictures survive", s.survive)
	t.Run("keyframe on demand", s.keyframes)
	t.Run("bitrate follows", s.bitrate)
	t.Run("frame rate follows", s.rate)
	t.Run("refusals", s.refusals)
	t.Run("allocations", s.allocations)
	t.Run("closing", s.closing)
}

func (s *Suite) start(tb testing.TB, edge int) Encoder {
	tb.Helper()
	e, err := s.New(edge)
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

func (s *Suite) survive(t *testing.T) {
	for _, edge := range []int{64, 128, 256, 512} {
		t.Run(strconv.Itoa(edge), func(t *testing.T) {
			e := s.start(t, edge)
			fs := Scenes(t, edge, edge, 10)
			var stream [][]byte
			for i := range 40 {
				var out frame.Encoded
				if err := e.Encode(&out, Loop(fs, i), time.Duration(i)*FrameTime, false); err != nil {
					t.Fatal(err)
				}
				if out.Key != (i == 0) || len(out.Data) == 0 {
					t.Errorf("frame %d: key %v, %d bytes", i, out.Key, len(out.Data))
				}
				stream = append(stream, out.Data)
			}
			got := s.Decode(t, stream, edge)
			if len(got) != len(stream) {
				t.Fatalf("%d pictures of %d frames", len(got), len(stream))
			}
			for i := 11; i < len(got); i++ {
				if p := PSNR(Loop(fs, i).Y, got[i].Y); p < 32 {
					t.Errorf("frame %d: PSNR %.1f dB, want 32", i, p)
				}
			}
		})
	}
}

// keyframes also makes sure that Data is refilled, and that what is not the encoder's is left alone.
func (s *Suite) keyframes(t *testing.T) {
	e := s.start(t, 512)
	fs := Scenes(t, 512, 512, 8)
	out := frame.Encoded{Data: []byte("of an older frame"), PTS: 7}
	out.Trace.Bytes = 7
	for i := range 30 {
		want := i == 0 || i == 17
		if err := e.Encode(&out, Loop(fs, i), time.Duration(i)*FrameTime, i == 17); err != nil {
			t.Fatal(err)
		}
		if out.Key != want || len(out.Data) == 0 || string(out.Data[:2]) == "of" {
			t.Errorf("frame %d: key %v, %d bytes; want key %v", i, out.Key, len(out.Data), want)
		}
	}
	if out.PTS != 7 || out.Trace.Bytes != 7 || out.Trace.Key {
		t.Errorf("the encoder wrote more than Data and Key: %v, %+v", out.PTS, out.Trace)
	}
}

func (s *Suite) bitrate(t *testing.T) {
	e := s.start(t, 512)
	fs := Scenes(t, 512, 512, 12)
	var out frame.Encoded
	n := 0
	run := func(frames int) (bps float64) {
		bytes := 0
		for range frames {
			if err := e.Encode(&out, Loop(fs, n), time.Duration(n)*FrameTime, false); err != nil {
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
		run(s.Settle)
		got := run(60)
		t.Logf("target %d bit/s: measured %.0f", want, got)
		if got > s.Over*float64(want) || got < 0.5*float64(want) {
			t.Errorf("target %d bit/s: measured %.0f", want, got)
		}
	}
}

// rate: at twice as many pictures a second each gets half the bits, and no keyframe comes with the change.
func (s *Suite) rate(t *testing.T) {
	const target = 1_000_000
	e := s.start(t, 512)
	fs := Scenes(t, 512, 512, 12)
	if err := e.SetBitrate(target); err != nil {
		t.Fatal(err)
	}
	var out frame.Encoded
	n, pts := 0, time.Duration(0)
	for _, fps := range []int{30, 60, 30} {
		if err := e.SetRate(fps); err != nil {
			t.Fatal(err)
		}
		bits, counted := 0, 0
		for i := range 3*s.Settle + 2*fps {
			pts += time.Second / time.Duration(fps)
			if err := e.Encode(&out, Loop(fs, n), pts, false); err != nil {
				t.Fatal(err)
			}
			if out.Key != (n == 0) {
				t.Errorf("at %d pictures a second: picture %d, key %v", fps, i, out.Key)
			}
			n++
			if i >= 3*s.Settle {
				bits += 8 * len(out.Data)
				counted++
			}
		}
		got := float64(bits) * float64(fps) / float64(counted)
		t.Logf("%d pictures a second: %.0f bit/s", fps, got)
		if got > s.Over*target || got < 0.5*target {
			t.Errorf("%d pictures a second: %.0f bit/s of %d", fps, got, target)
		}
	}
}

func (s *Suite) refusals(t *testing.T) {
	e := s.start(t, 64)
	small := Scenes(t, 64, 64, 1)[0]
	out := frame.Encoded{Data: []byte("old")}
	for name, src := range map[string]*frame.I420{
		"another size": Scenes(t, 32, 64, 1)[0], "no planes": {Width: 64, Height: 64},
	} {
		if err := e.Encode(&out, src, 0, false); !errors.Is(err, s.ErrSize) || len(out.Data) != 0 {
			t.Errorf("%s: %v, %d bytes", name, err, len(out.Data))
		}
	}
	if err := e.Encode(&out, small, FrameTime, false); err != nil {
		t.Error(err)
	}
	for _, pts := range []time.Duration{FrameTime, 0} {
		if err := e.Encode(&out, small, pts, false); !errors.Is(err, s.ErrPTS) || len(out.Data) != 0 {
			t.Errorf("%v after %v: %v, %d bytes", pts, FrameTime, err, len(out.Data))
		}
	}
	for _, bps := range []int{0, -1} {
		if err := e.SetBitrate(bps); !errors.Is(err, s.ErrConfig) {
			t.Errorf("%d bit/s: %v", bps, err)
		}
	}
	for _, fps := range []int{0, -30, 1000} {
		if err := e.SetRate(fps); !errors.Is(err, s.ErrConfig) {
			t.Errorf("%d pictures a second: %v", fps, err)
		}
	}
	if err := e.Encode(&out, small, 2*FrameTime, false); err != nil || out.Key {
		t.Errorf("after the refusals: key %v, %v", out.Key, err)
	}
}

func (s *Suite) allocations(t *testing.T) {
	e := s.start(t, 128)
	fs := Scenes(t, 128, 128, 4)
	out := frame.Encoded{Data: make([]byte, 0, 1<<16)}
	n := 0
	allocs := testing.AllocsPerRun(100, func() {
		n++
		if n%10 == 0 { // too little for any codec to begin anew
			_ = e.SetBitrate(1_500_000 + 1000*n)
		}
		if err := e.Encode(&out, Loop(fs, n), time.Duration(n)*FrameTime, n%25 == 0); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > s.Allocations {
		t.Errorf("%v allocations a frame, want %v", allocs, s.Allocations)
	}
}

func (s *Suite) closing(t *testing.T) {
	src := Scenes(t, 512, 512, 1)[0]
	for range 40 {
		e, err := s.New(512)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		}
		var out frame.Encoded
		if err := e.Encode(&out, src, time.Second, false); !errors.Is(err, s.ErrClosed) {
			t.Fatalf("closed: %v", err)
		}
	}
}
