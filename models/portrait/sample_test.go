package portrait

import (
	"testing"
)

// TestReadIsTheSameInsideAsAtTheBorder: the way without clamping gives what the way with it gives.
func TestReadIsTheSameInsideAsAtTheBorder(t *testing.T) {
	f := greyFrame(t, 128)
	for i := range f.Y {
		f.Y[i] = byte(16 + i*7%200)
	}
	for i := range f.U {
		f.U[i], f.V[i] = byte(40+i*5%150), byte(60+i*11%150)
	}
	r := Region{Edge: 32}
	for a, isInside := range map[Alignment]bool{
		{OX: 20, OY: 12, UX: 1.1, UY: 0.3}: true, {OX: 60, OY: 60, UX: 0.4, UY: -0.2}: true, {OX: 40, OY: 8, UX: 1.9, UY: 0.4}: true, {OX: 50, OY: 9, UX: 2.1, UY: 0.9}: true,
		{OX: 10, OY: 12, UX: 1.1, UY: 0.5}: false, {OX: 2, OY: 2, UX: 3, UY: 0}: false, {OX: 100, OY: 90, UX: 1, UY: 0}: false,
	} {
		got, want := make([]float32, 3*32*32), make([]float32, 3*32*32)
		r.Read(got, f, &a)
		inside := r.within(f, &a)
		if inside != isInside {
			t.Errorf("%v counts as inside: %v", a, inside)
		}
		if !inside {
			continue
		}
		for j := range 32 {
			for i := range 32 {
				slow(f.Y, &a, i, j, want)
			}
		}
		for k, v := range want[:32*32] { // grey luma only: undo the colour
			y := (got[k]*0.299 + got[32*32+k]*0.587 + got[2*32*32+k]*0.114) * 219
			if clipped(got, k) {
				continue
			}
			near(t, "luma", float64(y), float64(v-16), 0.1)
		}
	}
}

func clipped(p []float32, k int) bool {
	for c := range 3 {
		if v := p[c*32*32+k]; v <= 0 || v >= 1 {
			return true
		}
	}
	return false
}

// slow is a pixel's luma by the clamping way.
func slow(y []byte, a *Alignment, i, j int, dst []float32) {
	_, taps := a.taps()
	var sum float32
	for t := range taps * taps {
		px, py := a.At(float32(i)+(float32(t%taps)+0.5)/float32(taps), float32(j)+(float32(t/taps)+0.5)/float32(taps))
		sum += bilinear(y, 128, 128, px-0.5, py-0.5)
	}
	dst[j*32+i] = sum / float32(taps*taps)
}

// TestI420ThereAndBack: what is read and added back, unchanged or lifted, lands where it was, in every plane; a region that
// is the whole picture takes a shorter way to the same.
func TestI420ThereAndBack(t *testing.T) {
	f := greyFrame(t, 64)
	for i := range f.Y {
		f.Y[i] = byte(40 + i%64 + i/64)
	}
	for i := range f.U {
		f.U[i], f.V[i] = byte(60+i%32), byte(160-i/32)
	}
	r := Region{Edge: 64}
	whole, nearly := Alignment{UX: 1}, Alignment{UX: 1, UY: 1e-7, OX: 1e-5}
	if !r.covers(f, &whole) || r.covers(f, &nearly) || r.covers(greyFrame(t, 32), &whole) {
		t.Error("what is the whole picture is taken for something else")
	}
	n := 64 * 64
	var read, laid [2][]byte
	for k, a := range []*Alignment{&whole, &nearly} {
		read[k] = make([]byte, n*3/2)
		r.readI420(read[k], f, a)
		after := make([]byte, len(read[k]))
		for i, v := range read[k] {
			after[i] = v + 30
		}
		d := make([]float32, len(after))
		r.subtract(d, after, read[k], 1)
		g := greyFrame(t, 64)
		g.CopyFrom(f)
		r.addI420(g, d, a, 32)
		laid[k] = append(append(append([]byte(nil), g.Y...), g.U...), g.V...)
		at := 40*64 + 40
		if g.Y[at] != f.Y[at]+30 || g.U[20*32+20] != f.U[20*32+20]+30 || g.V[20*32+20] != f.V[20*32+20]+30 {
			t.Errorf("way %d: the middle was not lifted by 30", k)
		}
		if g.Y[40*64+31] != f.Y[40*64+31] || g.U[20*32+15] != f.U[20*32+15] {
			t.Errorf("way %d: something changed on the left of the split", k)
		}
		if g.Y[0] != f.Y[0] || g.Y[63] != f.Y[63] || g.V[len(g.V)-1] != f.V[len(f.V)-1] {
			t.Errorf("way %d: the border was changed", k)
		}
	}
	for what, pair := range map[string][2][]byte{"read": read, "laid": laid} {
		for i := range pair[0] {
			near(t, what, float64(pair[1][i]), float64(pair[0][i]), 1)
		}
	}
}

// TestStraightRegions: a region that lies straight is read and added as one that is turned by next to nothing.
func TestStraightRegions(t *testing.T) {
	for _, a := range []Alignment{{UX: 2}, {UX: 0.5}, {UX: 1.5}, {OX: -7, OY: 9, UX: 1.25}, {OX: 100, OY: 100, UX: 3}} {
		f := greyFrame(t, 128)
		for i := range f.Y {
			f.Y[i] = byte(40 + i%128 + i/256)
		}
		for i := range f.U {
			f.U[i], f.V[i] = byte(60+i%64), byte(160-i/64)
		}
		r := Region{Edge: 64}
		turned := a
		turned.UY = 2e-6 * a.UX
		if _, _, _, ok := a.straight(); !ok {
			t.Fatalf("%+v does not count as straight", a)
		}
		if _, _, _, ok := turned.straight(); ok {
			t.Fatalf("%+v counts as straight", turned)
		}
		const n = 64 * 64 * 3 / 2
		var read [2][]byte
		var laid [2]string
		for k, at := range []*Alignment{&a, &turned} {
			read[k] = make([]byte, n)
			r.readI420(read[k], f, at)
			d := make([]float32, n)
			for i := range d {
				d[i] = float32(i%7)*4 + 1
			}
			g := greyFrame(t, 128)
			r.addI420(g, d, at, 12)
			laid[k] = string(g.Y) + string(g.U) + string(g.V)
		}
		for i := range read[0] {
			near(t, "read", float64(read[0][i]), float64(read[1][i]), 1)
		}
		off := 0
		for i := range laid[0] {
			if diff := int(laid[0][i]) - int(laid[1][i]); diff > 1 || diff < -1 {
				off++
			}
		}
		if off > 2*128 { // rows at the very border fall on either side of it
			t.Errorf("%+v: %d pixels were laid otherwise", a, off)
		}
		if laid[0][:128*128] == string(greyFrame(t, 128).Y) {
			t.Errorf("%+v: nothing was laid", a)
		}
	}
	f, r := greyFrame(t, 128), Region{Edge: 64}
	a, dst, d := Alignment{UX: 2}, make([]byte, 64*96), make([]float32, 64*96)
	if n := testing.AllocsPerRun(5, func() { r.readI420(dst, f, &a); r.addI420(f, d, &a, 0) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
