package frame

import (
	"math/rand/v2"
	"testing"
)

// composed is a picture of edge x edge of known colours and opacities over a background, and what it is over black.
func composed(tb testing.TB, edge int) (src, behind, black *I420) {
	tb.Helper()
	behind, fore := noise(tb, edge, edge), noise(tb, edge, edge)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, p := range [][]byte{behind.Y, behind.U, behind.V, fore.Y, fore.U, fore.V} {
		for i := range p {
			p[i] = byte(16 + rng.IntN(220))
		}
	}
	src, _ = NewI420(edge, edge)
	black, _ = NewI420(edge, edge)
	src.Matte = NewMatte(src)
	lay := func(dst, over, fore, behind, m []byte, zero float64) {
		for i := range dst {
			switch m[i] = byte(rng.IntN(256)); i / 16 % 3 { // stretches of nothing and of everything too
			case 0:
				m[i] = 0
			case 1:
				m[i] = 255
			}
			a := float64(m[i]) / 255
			dst[i] = byte(a*float64(fore[i]) + (1-a)*float64(behind[i]) + 0.5)
			over[i] = byte(kept(m[i])*a*(float64(fore[i])-zero) + zero + 0.5)
		}
	}
	lay(src.Y, black.Y, fore.Y, behind.Y, src.Matte.Luma, LumaBlack)
	lay(src.U, black.U, fore.U, behind.U, src.Matte.Chroma, ChromaZero)
	m := append([]byte(nil), src.Matte.Chroma...)
	for i, v := range m {
		a := float64(v) / 255
		src.V[i] = byte(a*float64(fore.V[i]) + (1-a)*float64(behind.V[i]) + 0.5)
		black.V[i] = byte(kept(v)*a*(float64(fore.V[i])-ChromaZero) + ChromaZero + 0.5)
	}
	return src, behind, black
}

// kept is the share that is kept of what has opacity m: none below 0.05, all from 0.3 on.
func kept(m byte) float64 {
	u := min(max((float64(m)/255-0.05)/0.25, 0), 1)
	return u * u * (3 - 2*u)
}

// TestPackIsWhatWasDrawnOverBlack: above are the colours over black to one level, exactly black or the picture where the matte is
// 0 or 255; below is the matte, from 16 to 235. What is faint is fainter.
func TestPackIsWhatWasDrawnOverBlack(t *testing.T) {
	const edge = 64
	src, behind, black := composed(t, edge)
	f, _ := NewI420(edge, 2*edge)
	p := NewPacker()
	if err := p.Pack(f, src, behind); err != nil {
		t.Fatal(err)
	}
	check := func(name string, got, want, src, matte []byte, zero byte) {
		for i, v := range want {
			most := 1
			switch matte[i] {
			case 0:
				v, most = zero, 0
			case 255:
				v, most = src[i], 0
			}
			if d := int(got[i]) - int(v); d > most || d < -most {
				t.Fatalf("%s %d of opacity %d is %d, want %d", name, i, matte[i], got[i], v)
			}
		}
	}
	n := edge * edge
	check("Y", f.Y[:n], black.Y, src.Y, src.Matte.Luma, LumaBlack)
	check("U", f.U[:n/4], black.U, src.U, src.Matte.Chroma, ChromaZero)
	check("V", f.V[:n/4], black.V, src.V, src.Matte.Chroma, ChromaZero)
	for i, m := range src.Matte.Luma {
		if d := (float64(f.Y[n+i])-16)/219*255 - kept(m)*float64(m); d > 0.6 || d < -0.6 {
			t.Fatalf("opacity %d is luma %d", m, f.Y[n+i])
		}
	}
	for i := range n / 4 {
		if f.U[n/4+i] != 128 || f.V[n/4+i] != 128 {
			t.Fatalf("the matte's chroma is %d %d", f.U[n/4+i], f.V[n/4+i])
		}
	}
	if n := testing.AllocsPerRun(20, func() { _ = p.Pack(f, src, behind) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPackRefuses(t *testing.T) {
	src, behind, _ := composed(t, 64)
	f, _ := NewI420(64, 128)
	small, _ := NewI420(64, 64)
	p := NewPacker()
	if p.Pack(small, src, behind) == nil || p.Pack(f, small, behind) == nil || p.Pack(f, src, f) == nil {
		t.Error("a wrong picture was accepted")
	}
}

func BenchmarkPack(b *testing.B) {
	src, behind, _ := composed(b, 512)
	for i := range src.Matte.Luma { // a head: an opaque middle with a border of six pixels
		x, y := i%512-256, i/512-256
		src.Matte.Luma[i] = byte(min(max(128+(180*180-x*x-y*y)/8, 0), 255))
	}
	f, _ := NewI420(512, 1024)
	p := NewPacker()
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Pack(f, src, behind)
	}
}
