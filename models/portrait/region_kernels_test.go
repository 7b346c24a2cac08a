//go:build (amd64 || arm64) && !purego

package portrait

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func needKernels(tb testing.TB) {
	tb.Helper()
	if !hasKernels() {
		tb.Skip("SKIPPED, nothing was tested: this processor has not what the kernels need")
	}
}

// TestRegionJobLayout: the kernel knows the places of a job's fields by number.
func TestRegionJobLayout(t *testing.T) {
	var j regionJob
	for name, at := range map[string][2]uintptr{
		"y": {unsafe.Offsetof(j.y), 0}, "v": {unsafe.Offsetof(j.v), 16}, "dst": {unsafe.Offsetof(j.dst), 24}, "plane": {unsafe.Offsetof(j.plane), 32},
		"edge": {unsafe.Offsetof(j.edge), 40}, "width": {unsafe.Offsetof(j.width), 48}, "taps": {unsafe.Offsetof(j.taps), 56},
		"ox": {unsafe.Offsetof(j.ox), 64}, "uy": {unsafe.Offsetof(j.uy), 76}, "base": {unsafe.Offsetof(j.base), 80}, "sign": {unsafe.Offsetof(j.sign), 84},
		"weight": {unsafe.Offsetof(j.weight), 88}, "across": {unsafe.Offsetof(j.across), 96}, "down": {unsafe.Offsetof(j.down), 112},
	} {
		if at[0] != at[1] {
			t.Errorf("%s lies at %d, the kernel looks for it at %d", name, at[0], at[1])
		}
	}
}

// sameRegion reads a region both ways from a picture of noise whose planes end where their memory ends.
func sameRegion(t *testing.T, edge, w, h int, a *Alignment, seed uint64) (inside bool) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 5))
	plane := func(n int) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(rnd.Uint32())
		}
		return p
	}
	f := &frame.I420{Width: w, Height: h, Y: plane(w * h), U: plane(w * h / 4), V: plane(w * h / 4)}
	r := Region{Edge: edge}
	if !r.within(f, a) {
		return false
	}
	const fence = 8
	got, want := make([]float32, 3*edge*edge+2*fence), make([]float32, 3*edge*edge+2*fence)
	if !r.readInside(got[fence:len(got)-fence], f, a) {
		t.Fatalf("no kernel for %d pixels", edge)
	}
	r.readOne(want[fence:len(want)-fence], f, a, true)
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("region of %d at %+v in %dx%d: number %d is %v, want %v", edge, *a, w, h, i-fence, got[i], want[i])
		}
	}
	return true
}

// TestKernelsReadTheSame: regions of several sizes, turned, shrunk and mirrored.
func TestKernelsReadTheSame(t *testing.T) {
	needKernels(t)
	r, read := rand.New(rand.NewPCG(3, 4)), 0
	for i := range 4000 {
		edge := []int{8, 16, 64}[i%3]
		w, h := 2*(r.IntN(150)+8), 2*(r.IntN(150)+8)
		scale, turn := float64(0.05+r.Float32()*4), (r.Float64()-0.5)*math.Pi*2
		a := Alignment{
			OX: r.Float32() * float32(w), OY: r.Float32() * float32(h),
			UX: float32(math.Cos(turn) * scale), UY: float32(math.Sin(turn) * scale), Mirror: float32(edge * (i % 2)),
		}
		if sameRegion(t, edge, w, h, &a, uint64(i)) {
			read++
		}
	}
	if read < 100 {
		t.Errorf("only %d regions lay inside", read)
	}
}

// FuzzKernelsReadTheSame: wherever a region lies inside a picture, both ways read the same numbers.
func FuzzKernelsReadTheSame(f *testing.F) {
	needKernels(f)
	f.Add(uint64(1), uint8(0), uint16(64), uint16(64), float32(10), float32(10), float32(1), float32(0.1), false)
	f.Add(uint64(2), uint8(3), uint16(100), uint16(80), float32(60), float32(40), float32(0.7), float32(-0.2), true)
	f.Fuzz(func(t *testing.T, seed uint64, edge uint8, w, h uint16, ox, oy, ux, uy float32, mirror bool) {
		e := 8 * (int(edge)%8 + 1)
		a := Alignment{OX: ox, OY: oy, UX: ux, UY: uy}
		if mirror {
			a.Mirror = float32(e)
		}
		sameRegion(t, e, 2*(int(w)%200+1), 2*(int(h)%200+1), &a, seed)
	})
}

// TestUnitBytes: every byte at every length.
func TestUnitBytes(t *testing.T) {
	needKernels(t)
	src := make([]byte, 300)
	for i := range src {
		src[i] = byte(i * 7)
	}
	for n := range len(src) {
		got, want := make([]float32, n), make([]float32, n)
		toUnit(got, src[:n])
		toUnitOne(want, src[:n])
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%d bytes: number %d is %v, want %v", n, i, got[i], want[i])
			}
		}
	}
}
