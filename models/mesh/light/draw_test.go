package light

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// TestBandsAreThePicture: drawn in bands, a shade is the same bytes as drawn at once.
func TestBandsAreThePicture(t *testing.T) {
	d := lit(t, 1)
	s := d.light().NewPosed()
	st := meshtest.Turned(d.p, 20, -10, 10)
	d.set(s, &st)
	whole, parts := grey(t), grey(t)
	s.Draw(whole, planar.Band{Y1: size})
	for y := 0; y < size; y += 26 {
		s.Draw(parts, planar.Band{Y0: y, Y1: min(y+26, size)})
	}
	if !bytes.Equal(whole.Y, parts.Y) || !bytes.Equal(whole.U, parts.U) || !bytes.Equal(whole.V, parts.V) {
		t.Error("bands give another picture")
	}
}

// TestPosesBeforeDoNotShow: a shade is the same bytes whatever pose it had before.
func TestPosesBeforeDoNotShow(t *testing.T) {
	d := lit(t, -1)
	l := d.light()
	used := l.NewPosed()
	random := rand.New(rand.NewPCG(7, 8))
	for i := range 200 {
		st := meshtest.Turned(d.p, float64(i*37%90)-45, float64(i*23%60)-30, float64(i*17%80)-40)
		st.Head.T.Y += 0.02*float32(i%9) - 0.08
		for k := range st.Points { // a crumpled face: faces in view whose corners look away
			st.Points[k].Y += 0.02 * float32(i%20) * (random.Float32() - 0.5)
			st.Points[k].Z += 0.05 * float32(i%20) * (random.Float32() - 0.5)
		}
		fresh := l.NewPosed()
		d.set(used, &st)
		d.set(fresh, &st)
		a, b := grey(t), grey(t)
		used.Draw(a, planar.Band{Y1: size})
		fresh.Draw(b, planar.Band{Y1: size})
		if !bytes.Equal(a.Y, b.Y) || !bytes.Equal(a.U, b.U) || !bytes.Equal(a.V, b.V) {
			t.Fatalf("state %d is another picture after those before it", i)
		}
	}
}

// TestHostileStates: whatever a state holds, changes stay within bounds, and nothing panics.
func TestHostileStates(t *testing.T) {
	d := lit(t, 1)
	s := d.light().NewPosed()
	random := rand.New(rand.NewPCG(3, 4))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for k := range 60 {
		st := meshtest.Turned(d.p, random.Float64()*360, random.Float64()*360, random.Float64()*360)
		switch k % 6 {
		case 0:
			st.Head.T.X += 10 * (random.Float32() - 0.5)
		case 1:
			st.Head.Scale *= 4 * random.Float32()
		case 2:
			for i := range st.Points {
				st.Points[i] = motion.Vec3{X: 8 * (random.Float32() - 0.5), Y: 8 * (random.Float32() - 0.5), Z: 8 * (random.Float32() - 0.5)}
			}
		case 3:
			st.Points = [len(st.Points)]motion.Vec3{}
		case 4:
			st.Points[random.IntN(468)] = motion.Vec3{X: nan, Y: inf, Z: -inf}
		}
		d.set(s, &st)
		for i, c := range s.change {
			if !num.Finite(c) || num.Abs(c) > most {
				t.Fatalf("state %d: landmark %d changes by %v", k, i, c)
			}
		}
		f := grey(t)
		s.Draw(f, planar.Band{Y1: size})
		const least = 150 - (150-16)*most - 1
		for o, v := range f.Y {
			if float32(v) < least || float32(v) > 300-least {
				t.Fatalf("state %d: pixel %d is %d", k, o, v)
			}
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	d := lit(t, 1)
	s := d.light().NewPosed()
	st := meshtest.Turned(d.p, 12, 5, 3)
	now, f := d.g.NewPose(), grey(t)
	now.Set(&st)
	if n := testing.AllocsPerRun(10, func() {
		s.Set(now)
		s.Draw(f, planar.Band{Y1: size})
	}); n != 0 {
		t.Errorf("a picture allocates %v times", n)
	}
}

// TestKernelShadesTheSame: the kernel gives the bytes of plain Go, for all widths of cells, changes and levels.
func TestKernelShadesTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		k := 1 + random.IntN(2)
		p := plane{k: k, zero: 16, most: 235}
		if k == 2 {
			p.zero, p.most = 128, 240
		}
		shift := uint(2 + random.IntN(mostShift-1))
		width := 1 << (shift - 1) / k
		line := make([]int32, 2+random.IntN(9))
		for i := range line {
			line[i] = int32((random.IntN(2*901+1) - 901) << shift)
			if random.IntN(4) == 0 {
				line[i] = 0
			}
		}
		n := width * (len(line) - 1)
		one := make([]byte, n+16)
		for i := range one {
			one[i] = byte(random.IntN(256))
		}
		two := bytes.Clone(one)
		p.cellsOne(one[8:8+n], line, width, shift)
		p.cells(two[8:8+n], line, width, shift)
		if !bytes.Equal(one, two) {
			t.Fatalf("cells %d wide, k %d, line %v: the kernel gives other bytes", width, k, line)
		}
	}
}

// BenchmarkLight is what the shade of a picture takes.
func BenchmarkLight(b *testing.B) {
	d := lit(b, 1)
	s, now, f := d.light().NewPosed(), d.g.NewPose(), grey(b)
	st := meshtest.Turned(d.p, 12, 5, -4)
	now.Set(&st)
	s.Set(now)
	b.Run("set", func(b *testing.B) {
		for b.Loop() {
			s.Set(now)
		}
	})
	b.Run("draw", func(b *testing.B) {
		for b.Loop() {
			s.Draw(f, planar.Band{Y1: size})
		}
	})
}
