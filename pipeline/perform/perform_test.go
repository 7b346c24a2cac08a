package perform_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

const frame = time.Second / perform.FPS

func all(t *testing.T, test func(t *testing.T, p *perform.Performance)) {
	t.Helper()
	if len(perform.List()) < 3 {
		t.Fatal("fewer than three performances")
	}
	for _, info := range perform.List() {
		t.Run(info.Name, func(t *testing.T) {
			p, err := perform.New(info.Name)
			if err != nil {
				t.Fatal(err)
			}
			test(t, p)
		})
	}
}

func TestUnknown(t *testing.T) {
	if _, err := perform.New("juggling"); !errors.Is(err, perform.ErrUnknown) {
		t.Error(err)
	}
	if err := perform.Encode(&bytes.Buffer{}, "juggling", perform.FPS); !errors.Is(err, perform.ErrUnknown) {
		t.Error(err)
	}
}

func TestLoopBeginsAndEndsAtRest(t *testing.T) {
	all(t, func(t *testing.T, p *perform.Performance) {
		if s := p.Info().Seconds; s < 15 || s > 30 {
			t.Errorf("lasts %v s", s)
		}
		var rest, s landmark.Sample
		p.At(0, &rest)
		for _, at := range []time.Duration{p.Length() - frame, p.Length(), 2 * p.Length(), 400 * time.Millisecond} {
			p.At(at, &s)
			if d := distance(&s, &rest); d > 1e-3 {
				t.Errorf("at %v a landmark is %.4f image widths from rest", at, d)
			}
		}
		// The first second is for the automatic neutral: nothing but a blink.
		f := motion.NewFitter()
		for at := time.Duration(0); at < time.Second; at += frame {
			p.At(at, &s)
			if m := f.Measure(&s.Points); m.MouthOpen > 0.005 || math.Abs(m.Yaw)+math.Abs(m.Pitch) > 0.01 {
				t.Fatalf("at %v: %+v", at, m)
			}
		}
	})
}

func distance(a, b *landmark.Sample) (most float64) {
	for i := range a.Points {
		most = max(most, motion.Distance(a.Points[i], b.Points[i]))
	}
	return most
}

// A face has limits: landmarks move smoothly, stay near the average face, lips and lids do not cross.
func TestFacesArePossible(t *testing.T) {
	all(t, func(t *testing.T, p *perform.Performance) {
		var s, last landmark.Sample
		p.At(0, &last)
		for at := time.Duration(0); at < p.Length(); at += frame {
			p.At(at, &s)
			for i := range s.Points {
				q := s.Points[i]
				if !(q.X > 0.2 && q.X < 0.8 && q.Y > 0.02 && q.Y < 0.73) {
					t.Fatalf("at %v landmark %d leaves the picture: %v", at, i, q)
				}
				if d := motion.Distance(q, last.Points[i]); d > 0.03 {
					t.Fatalf("at %v landmark %d moves by %.3f image widths in a frame", at, i, d)
				}
			}
			pose := motion.NewFitter().FitAverage(&s.Points)
			y := func(i uint16) float32 { return pose.Invert(s.Points[i]).Y }
			for _, c := range motion.LipColumns() {
				if gap := y(c.Lower[3]) - y(c.Upper[3]); gap < -1e-3 {
					t.Fatalf("at %v the lips cross by %v", at, -gap)
				}
				if y(c.Upper[3]) < y(c.Upper[0]) || y(c.Lower[3]) > y(c.Lower[0]) {
					t.Fatalf("at %v a lip is inside out", at)
				}
			}
			for _, e := range motion.Eyes() {
				if gap := y(e.Lower[3]) - y(e.Upper[3]); gap < -1e-3 {
					t.Fatalf("at %v the lids cross by %v", at, -gap)
				}
			}
			last = s
		}
	})
}

// What each performance is for must be in it.
func TestPerformancesDoWhatTheySay(t *testing.T) {
	f := motion.NewFitter()
	span := func(name string, of func(motion.Features) float64) float64 {
		p, err := perform.New(name)
		if err != nil {
			t.Fatal(err)
		}
		lo, hi := math.Inf(1), math.Inf(-1)
		var s landmark.Sample
		for at := time.Duration(0); at < p.Length(); at += frame {
			p.At(at, &s)
			v := of(f.Measure(&s.Points))
			lo, hi = min(lo, v), max(hi, v)
		}
		return hi - lo
	}
	for _, tc := range []struct {
		name, what string
		of         func(motion.Features) float64
		least      float64
	}{
		{"talking", "mouth opening", func(m motion.Features) float64 { return m.MouthOpen }, 0.2},
		{"talking", "mouth width", func(m motion.Features) float64 { return m.MouthWidth }, 0.2},
		{"talking", "nods", func(m motion.Features) float64 { return m.Pitch }, 0.06},
		{"moods", "mouth width", func(m motion.Features) float64 { return m.MouthWidth }, 0.3},
		{"moods", "brows", func(m motion.Features) float64 { return m.BrowRaise }, 0.15},
		{"looking-around", "yaw", func(m motion.Features) float64 { return m.Yaw }, 1.0},
		{"looking-around", "pitch", func(m motion.Features) float64 { return m.Pitch }, 0.4},
		{"looking-around", "gaze", func(m motion.Features) float64 { return m.GazeX }, 0.4},
		{"singing", "mouth opening", func(m motion.Features) float64 { return m.MouthOpen }, 0.25},
	} {
		if got := span(tc.name, tc.of); got < tc.least {
			t.Errorf("%s: %s spans %.3f, want %.3f", tc.name, tc.what, got, tc.least)
		}
	}
	for _, info := range perform.List() {
		if got := span(info.Name, func(m motion.Features) float64 { return m.EyeOpen[0] }); got < 0.2 {
			t.Errorf("%s: eyes span %.3f: no blink", info.Name, got)
		}
	}
}

// People open a mouth upwards too: of three who talk, filmed and tracked, the upper lip made 0.25 to 0.57 of a gap between
// 0.12 and 0.3 head units, and was 0.68 to 0.92 as thick as at rest. Without it no upper teeth show, and portraits that
// speak look as if their lips were shut.
func TestMouthsOpenUpwardsToo(t *testing.T) {
	for _, name := range []string{"talking", "moods", "singing"} {
		p, err := perform.New(name)
		if err != nil {
			t.Fatal(err)
		}
		f := motion.NewFitter()
		lips := func(at time.Duration) (outer, upper, lower float64) {
			var s landmark.Sample
			p.At(at, &s)
			pose := f.FitAverage(&s.Points)
			y := func(i int) float64 { return float64(pose.Invert(s.Points[i]).Y) }
			return y(0), y(13), y(14)
		}
		restOuter, restUpper, _ := lips(0)
		var shares, thickness []float64
		for at := time.Duration(0); at < p.Length(); at += frame {
			outer, upper, lower := lips(at)
			if gap := lower - upper; gap > 0.12 && gap < 0.3 {
				shares = append(shares, (restUpper-upper)/gap)
				thickness = append(thickness, (upper-outer)/(restUpper-restOuter))
			}
		}
		if len(shares) < 20 {
			t.Fatalf("%s: only %d frames with an open mouth", name, len(shares))
		}
		slices.Sort(shares)
		slices.Sort(thickness)
		share, thick := shares[len(shares)/2], thickness[len(thickness)/2]
		if share < 0.2 || share > 0.57 || thick < 0.68 || thick > 0.98 {
			t.Errorf("%s: the upper lip makes %.2f of a gap and keeps %.2f of its thickness (medians)", name, share, thick)
		}
	}
}

func TestSameTimeSameSample(t *testing.T) {
	all(t, func(t *testing.T, p *perform.Performance) {
		again, err := perform.New(p.Info().Name)
		if err != nil {
			t.Fatal(err)
		}
		var a, b landmark.Sample
		for at := time.Duration(0); at < p.Length(); at += 7 * frame {
			p.At(at, &a)
			again.At(at, &b)
			if a != b {
				t.Fatalf("differs at %v", at)
			}
		}
	})
}

func TestEncode(t *testing.T) {
	for _, fps := range []int{perform.FPS, perform.MostFPS} {
		var buf bytes.Buffer
		if err := perform.Encode(&buf, "moods", fps); err != nil {
			t.Fatal(err)
		}
		p, err := perform.New("moods")
		if err != nil {
			t.Fatal(err)
		}
		codec, b, n := landmark.NewCodec(), buf.Bytes(), 0
		var s landmark.Sample
		for ; len(b) > 0; n++ {
			at, size := binary.LittleEndian.Uint32(b), int(binary.LittleEndian.Uint16(b[4:]))
			if err := codec.Decode(&s, b[6:6+size]); err != nil {
				t.Fatal(err)
			}
			if want := uint32(n * 1_000_000 / fps); at-want > 1 || s.Seq != uint32(n) {
				t.Fatalf("record %d is at %d us, want %d; its number is %d", n, at, want, s.Seq)
			}
			b = b[6+size:]
		}
		if want := int(p.Info().Seconds * float64(fps)); n != want {
			t.Errorf("%d records, want %d", n, want)
		}
	}
	if err := perform.Encode(broken{}, "moods", perform.FPS); err == nil {
		t.Error("a failing writer goes unnoticed")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAtDoesNotAllocate(t *testing.T) {
	p, err := perform.New("talking")
	if err != nil {
		t.Fatal(err)
	}
	var s landmark.Sample
	at := time.Duration(0)
	if n := testing.AllocsPerRun(200, func() { p.At(at, &s); at += frame }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAt(b *testing.B) {
	p, err := perform.New("talking")
	if err != nil {
		b.Fatal(err)
	}
	var s landmark.Sample
	at := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		p.At(at, &s)
		at += frame
	}
}
