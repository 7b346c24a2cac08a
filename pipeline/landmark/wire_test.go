package landmark_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// driver returns a sample of the synthetic driver.
func driver(tb testing.TB, at time.Duration) (s landmark.Sample) {
	tb.Helper()
	p, err := perform.New("talking")
	if err != nil {
		tb.Fatal(err)
	}
	p.At(at, &s)
	return s
}

// datagram returns the wire form of a sample.
func datagram(tb testing.TB, s *landmark.Sample) []byte {
	tb.Helper()
	buf := make([]byte, landmark.MaxWireSize)
	n, err := landmark.NewCodec().Encode(buf, s)
	if err != nil {
		tb.Fatal(err)
	}
	return buf[:n]
}

func TestDecodeErrors(t *testing.T) {
	codec := landmark.NewCodec()
	whole := driver(t, time.Second)
	float := func(at int, v float64) func([]byte) []byte {
		return func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[at:], math.Float32bits(float32(v)))
			return b
		}
	}
	set := func(at int, v byte) func([]byte) []byte {
		return func(b []byte) []byte { b[at] = v; return b }
	}
	for _, tc := range []struct {
		name  string
		spoil func([]byte) []byte
		want  error
	}{
		{"empty", func(b []byte) []byte { return b[:0] }, landmark.ErrSize},
		{"half a header", func(b []byte) []byte { return b[:43] }, landmark.ErrSize},
		{"header only, not lost", func(b []byte) []byte { return b[:44] }, landmark.ErrSize},
		{"one byte short", func(b []byte) []byte { return b[:len(b)-1] }, landmark.ErrSize},
		{"one byte long", func(b []byte) []byte { return append(b, 0) }, landmark.ErrSize},
		{"lost, with points", set(2, byte(landmark.FlagLost)), landmark.ErrSize},
		{"other magic", set(0, 'X'), landmark.ErrMagic},
		{"other version", set(1, 2), landmark.ErrVersion},
		{"unknown flag", set(3, 0x80), landmark.ErrValue},
		{"reserved byte", set(41, 1), landmark.ErrValue},
		{"x is NaN", float(16, math.NaN()), landmark.ErrValue},
		{"y is infinite", float(20, math.Inf(1)), landmark.ErrValue},
		{"x is far off", float(16, -5), landmark.ErrValue},
		{"no edge", float(24, 0), landmark.ErrValue},
		{"edge is negative", float(24, -1), landmark.ErrValue},
		{"edge is NaN", float(24, math.NaN()), landmark.ErrValue},
		{"edge is huge", float(24, 1e9), landmark.ErrValue},
		{"z is NaN", float(28, math.NaN()), landmark.ErrValue},
		{"no depth", float(32, 0), landmark.ErrValue},
		{"depth is infinite", float(32, math.Inf(1)), landmark.ErrValue},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := whole
			err := codec.Decode(&got, tc.spoil(datagram(t, &whole)))
			if !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			if got != whole {
				t.Error("the sample was touched")
			}
		})
	}
}

func TestEncodeErrors(t *testing.T) {
	codec := landmark.NewCodec()
	nan := float32(math.NaN())
	for _, tc := range []struct {
		name string
		room int
		p    landmark.Point
		want error
	}{
		{"no room", landmark.MaxWireSize - 1, landmark.Point{}, landmark.ErrSize},
		{"x is NaN", landmark.MaxWireSize, landmark.Point{X: nan}, landmark.ErrValue},
		{"y is NaN", landmark.MaxWireSize, landmark.Point{Y: nan}, landmark.ErrValue},
		{"z is NaN", landmark.MaxWireSize, landmark.Point{Z: nan}, landmark.ErrValue},
		{"infinite", landmark.MaxWireSize, landmark.Point{X: float32(math.Inf(-1))}, landmark.ErrValue},
		{"far off", landmark.MaxWireSize, landmark.Point{Y: 4.5}, landmark.ErrValue},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := driver(t, 0)
			s.Points[13] = tc.p
			if _, err := codec.Encode(make([]byte, tc.room), &s); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
	lost := driver(t, 0)
	lost.Flags, lost.Points[13].X = landmark.FlagLost, nan
	if n, err := codec.Encode(make([]byte, landmark.MaxWireSize), &lost); err != nil || n != 44 {
		t.Errorf("a lost sample with NaN: %d bytes, %v", n, err)
	}
}

// A datagram must fit the smallest path MTU of the internet with room for its headers.
func TestMaxWireSize(t *testing.T) {
	if landmark.MaxWireSize > 1100 {
		t.Errorf("%d bytes", landmark.MaxWireSize)
	}
}

func TestRoundTrip(t *testing.T) {
	codec := landmark.NewCodec()
	var worst, worstZ float64
	for i := range 60 {
		s := driver(t, time.Duration(i)*400*time.Millisecond)
		var back landmark.Sample
		if err := codec.Decode(&back, datagram(t, &s)); err != nil {
			t.Fatal(err)
		}
		for _, k := range landmark.WireIndex() {
			p, q := s.Points[k], back.Points[k]
			worst = max(worst, math.Abs(float64(p.X-q.X)), math.Abs(float64(p.Y-q.Y)))
			worstZ = max(worstZ, math.Abs(float64(p.Z-q.Z)))
		}
	}
	t.Logf("worst error %.4f px in a picture of 640, depth %.4f px", 640*worst, 640*worstZ)
	if 640*worst > 0.05 || 640*worstZ > 1 {
		t.Errorf("quantisation error %.4f px, depth %.4f px of 640", 640*worst, 640*worstZ)
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	codec, s := landmark.NewCodec(), driver(t, time.Second)
	b := datagram(t, &s)
	var dst landmark.Sample
	if n := testing.AllocsPerRun(100, func() {
		if err := codec.Decode(&dst, b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewer(t *testing.T) {
	for _, tc := range []struct {
		a, b uint32
		want bool
	}{
		{1, 0, true},
		{0, 1, false},
		{5, 5, false},
		{0, math.MaxUint32, true},
		{math.MaxUint32, 0, false},
		{1 << 31, 1, true},
	} {
		if got := landmark.Newer(tc.a, tc.b); got != tc.want {
			t.Errorf("Newer(%d, %d) = %v", tc.a, tc.b, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	codec := landmark.NewCodec()
	for _, at := range []time.Duration{0, 3 * time.Second} {
		s := driver(f, at)
		f.Add(datagram(f, &s))
		s.Flags = landmark.FlagLost
		f.Add(datagram(f, &s))
	}
	f.Add([]byte{})
	f.Add([]byte("G\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s landmark.Sample
		if codec.Decode(&s, b) != nil {
			return
		}
		for i, p := range s.Points {
			if sum := p.X + p.Y + p.Z; sum-sum != 0 {
				t.Fatalf("landmark %d is %v", i, p)
			}
		}
		buf := make([]byte, landmark.MaxWireSize)
		if _, err := codec.Encode(buf, &s); err != nil && !errors.Is(err, landmark.ErrValue) {
			t.Fatal(err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	codec, s := landmark.NewCodec(), driver(b, time.Second)
	data := datagram(b, &s)
	b.ReportAllocs()
	for b.Loop() {
		if err := codec.Decode(&s, data); err != nil {
			b.Fatal(err)
		}
	}
}
