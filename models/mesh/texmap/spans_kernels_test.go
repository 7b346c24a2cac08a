//go:build (amd64 || arm64) && !purego

package texmap

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestJobLayout: the kernels know the places of a job's fields by number.
func TestJobLayout(t *testing.T) {
	var j job
	for name, at := range map[string][2]uintptr{
		"dst": {unsafe.Offsetof(j.dst), 0}, "dst2": {unsafe.Offsetof(j.dst2), 8}, "tex": {unsafe.Offsetof(j.tex), 16},
		"tex2": {unsafe.Offsetof(j.tex2), 24}, "alpha": {unsafe.Offsetof(j.alpha), 32}, "stride": {unsafe.Offsetof(j.stride), 40},
		"from": {unsafe.Offsetof(j.from), 48}, "to": {unsafe.Offsetof(j.to), 56},
		"x0": {unsafe.Offsetof(j.edges) + unsafe.Offsetof(j.edges.x0), 64}, "y1": {unsafe.Offsetof(j.edges) + unsafe.Offsetof(j.edges.y1), 76},
		"long": {unsafe.Offsetof(j.edges) + unsafe.Offsetof(j.edges.long), 84}, "lower": {unsafe.Offsetof(j.edges) + unsafe.Offsetof(j.edges.lower), 92},
		"x": {unsafe.Offsetof(j.g) + unsafe.Offsetof(j.g.x), 96}, "y": {unsafe.Offsetof(j.g) + unsafe.Offsetof(j.g.y), 104},
		"s": {unsafe.Offsetof(j.g) + unsafe.Offsetof(j.g.s), 112}, "dsdx": {unsafe.Offsetof(j.g) + unsafe.Offsetof(j.g.dsdx), 120},
		"dtdy": {unsafe.Offsetof(j.g) + unsafe.Offsetof(j.g.dtdy), 132}, "w": {unsafe.Offsetof(j.w), 136}, "last": {unsafe.Offsetof(j.last), 140},
		"aw": {unsafe.Offsetof(j.aw), 144}, "alphaLast": {unsafe.Offsetof(j.alphaLast), 148}, "fade": {unsafe.Offsetof(j.fade), 152}, "kinds": {unsafe.Offsetof(j.kinds), 160},
	} {
		if at[0] != at[1] {
			t.Errorf("%s lies at %d, the kernels look for it at %d", name, at[0], at[1])
		}
	}
}

func needKernels(tb testing.TB) {
	tb.Helper()
	if !hasKernels() {
		tb.Skip("SKIPPED, nothing was tested: this processor has not what the kernels need")
	}
}

// noise is a texture whose every byte is its own, with opacities of every kind.
func noise(w, h int, r *rand.Rand) *Texture {
	p, a := planar.NewPicture(w, h), planar.New(w, h)
	for i := range p {
		for o := range p[i].Pix {
			p[i].Pix[o] = float32(r.IntN(256))
		}
	}
	level := r.IntN(4)
	for o := range a.Pix {
		switch r.IntN(4) + level {
		case 0, 1, 2:
		case 3, 4:
			a.Pix[o] = r.Float32()
		default:
			a.Pix[o] = 1
		}
	}
	return New(p, a)
}

// fenced is a picture whose planes lie amid bytes that nobody may change, at any alignment.
type fenced struct {
	f   frame.I420
	all [3][]byte
}

const fence = 64

func newFenced(w, h int, r *rand.Rand) *fenced {
	var p fenced
	p.f.Width, p.f.Height = w, h
	for i, plane := range [...]*[]byte{&p.f.Y, &p.f.U, &p.f.V} {
		n := w * h
		if i > 0 {
			n /= 4
		}
		p.all[i] = make([]byte, n+2*fence)
		for o := range p.all[i] {
			p.all[i][o] = byte(r.Uint32())
		}
		from := fence - r.IntN(32)
		*plane = p.all[i][from : from+n : from+n]
	}
	return &p
}

// same draws a triangle both ways over the same noise and compares everything, fences too.
func same(t *testing.T, tex *Texture, w, h int, bd planar.Band, v *[3]Vertex, opaque bool, fade uint32, seed uint64) {
	t.Helper()
	var pics [2]*fenced
	for i := range pics {
		own := *tex
		own.vectors = i == 1
		pics[i] = newFenced(w, h, rand.New(rand.NewPCG(seed, 7)))
		own.DrawFaded(&pics[i].f, bd, &v[0], &v[1], &v[2], opaque, fade)
	}
	for i, name := range [...]string{"Y", "U", "V"} {
		if a, b := pics[0].all[i], pics[1].all[i]; !bytes.Equal(a, b) {
			for o := range a {
				if a[o] != b[o] {
					t.Fatalf("%s of %dx%d in %v, byte %d: %d by the kernel, want %d (%+v, opaque %v, fade %d)", name, w, h, bd, o, b[o], a[o], *v, opaque, fade)
				}
			}
		}
	}
}

// TestKernelsDrawTheSame: triangles of every size and place, whole and in bands, over pictures of every width.
func TestKernelsDrawTheSame(t *testing.T) {
	needKernels(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{2, 2}, {4, 6}, {8, 8}, {10, 12}, {16, 16}, {18, 34}, {62, 40}, {130, 96}} {
		w, h := size[0], size[1]
		tex := noise(2+2*r.IntN(40), 2+2*r.IntN(40), r)
		for i := range 3000 {
			reach := float32([]int{3, w / 2, w, 4 * w, 15000}[r.IntN(5)])
			var v [3]Vertex
			x, y := r.Float32()*float32(w), r.Float32()*float32(h)
			for k := range v {
				v[k] = Vertex{
					X: x + (r.Float32()-0.5)*reach, Y: y + (r.Float32()-0.5)*reach,
					S: r.Float32()*float32(tex.w+8) - 4, T: r.Float32()*float32(tex.h+8) - 4,
				}
				if i%7 == 0 {
					v[k].X, v[k].Y = float32(int(v[k].X*2))/2, float32(int(v[k].Y*2))/2
				}
			}
			bd := planar.Band{Y0: 0, Y1: h}
			if i%3 == 0 {
				bd.Y0 = 2 * r.IntN(h/2)
				bd.Y1 = bd.Y0 + 2*r.IntN((h-bd.Y0)/2+1)
			}
			same(t, tex, w, h, bd, &v, i%2 == 0, []uint32{256, 255, 128, 1, 0}[r.IntN(5)], uint64(i))
		}
	}
}

// patches is a texture with wide areas that are opaque, clear, and neither.
func patches(w, h int, r *rand.Rand) *Texture {
	p, a := planar.NewPicture(w, h), planar.New(w, h)
	for i := range p {
		for o := range p[i].Pix {
			p[i].Pix[o] = float32(r.IntN(256))
		}
	}
	turn, wide := r.Float64()*3, 25+r.Float64()*30
	for o := range a.Pix {
		x, y := float64(o%w), float64(o/w)
		a.Pix[o] = float32(min(max(0.5+3*math.Sin((x*math.Cos(turn)+y*math.Sin(turn))/wide), 0), 1))
	}
	return New(p, a)
}

// TestKernelsKnowWhatIsClear: triangles over wide areas that are opaque or clear, at every size and turn that textures are drawn at.
func TestKernelsKnowWhatIsClear(t *testing.T) {
	needKernels(t)
	r := rand.New(rand.NewPCG(5, 6))
	var seen [3]int
	for i := range 1200 {
		tex := patches(2*r.IntN(50)+60, 2*r.IntN(50)+60, r)
		for _, k := range tex.aKinds {
			seen[k]++
		}
		zoom, turn := 0.3+2*r.Float64(), r.Float64()*6.3
		if i%2 == 0 {
			zoom, turn = 0.9+0.2*r.Float64(), r.Float64()*0.2
		}
		s, c := float32(math.Sin(turn)*zoom), float32(math.Cos(turn)*zoom)
		var v [3]Vertex
		for k := range v {
			x, y := r.Float32()*160-16, r.Float32()*160-16
			v[k] = Vertex{X: x, Y: y, S: c*(x-64) - s*(y-64) + float32(tex.w)/2, T: s*(x-64) + c*(y-64) + float32(tex.h)/2}
		}
		same(t, tex, 128, 128, planar.Band{Y0: 0, Y1: 128}, &v, false, []uint32{256, 130, 256, 255}[i%4], uint64(i))
	}
	if min(seen[0], seen[1], seen[2]) == 0 {
		t.Errorf("kinds of opacity by number: %v; one was not tried", seen)
	}
}

// TestKinds: what is said of a neighbourhood holds of all around it.
func TestKinds(t *testing.T) {
	needKernels(t)
	tex := patches(120, 100, rand.New(rand.NewPCG(3, 4)))
	for o, kind := range tex.aKinds {
		none, all, inside := true, true, true
		for y := o/120 - kindsReach; y <= o/120+kindsReach; y++ {
			for x := o%120 - kindsReach; x <= o%120+kindsReach; x++ {
				if x < 0 || y < 0 || x >= 120 || y >= 100 {
					inside = false
					continue
				}
				none, all = none && tex.a.pix[y*120+x] == 0, all && tex.a.pix[y*120+x] == 0xffffffff
			}
		}
		want := byte(kindMixed)
		if inside && none {
			want = kindClear
		} else if inside && all {
			want = kindOpaque
		}
		if kind != want {
			t.Fatalf("(%d, %d) is of kind %d, want %d", o%120, o/120, kind, want)
		}
	}
}

// FuzzKernelsDrawTheSame: whatever the corners are, short of what a pose never gives, both ways draw the same bytes.
func FuzzKernelsDrawTheSame(f *testing.F) {
	needKernels(f)
	corner := func(v ...float32) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		return b
	}
	f.Add(uint64(1), uint8(8), uint8(8), uint16(256), true, corner(1, 1, 0, 0, 20, 3, 9, 1, 4, 18, 2, 9))
	f.Add(uint64(2), uint8(31), uint8(9), uint16(130), false, corner(-3, 0.5, 5, 5, 60, 0.5, 30, 1, 60, 17.5, 30, 30))
	f.Add(uint64(3), uint8(1), uint8(1), uint16(0), false, corner(-15000, -15000, 9000, -9000, 15000, 3, 0, 0, 1, 1, 1e-40, 5))
	f.Fuzz(func(t *testing.T, seed uint64, w, h uint8, fade uint16, opaque bool, raw []byte) {
		if len(raw) < 48 {
			return
		}
		var v [3]Vertex
		for i := range v {
			at := func(k int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(raw[16*i+4*k:])) }
			v[i] = Vertex{at(0), at(1), at(2), at(3)}
			if !(v[i].X >= -16000 && v[i].X <= 16000 && v[i].Y >= -16000 && v[i].Y <= 16000) {
				return
			}
		}
		r := rand.New(rand.NewPCG(seed, 3))
		tex := noise(2+2*r.IntN(24), 2+2*r.IntN(24), r)
		width, height := 2*(int(w)%64+1), 2*(int(h)%64+1)
		bd := planar.Band{Y0: 0, Y1: height}
		if seed%2 == 0 {
			bd.Y0 = 2 * r.IntN(height/2)
		}
		same(t, tex, width, height, bd, &v, opaque, min(uint32(fade), 256), seed)
	})
}

// TestDifferencesAreAddedTheSame: by the kernels as by the loops, whatever lies around, in one band or in two.
func TestDifferencesAreAddedTheSame(t *testing.T) {
	needKernels(t)
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][2]int{{2, 2}, {8, 8}, {10, 12}, {18, 34}, {130, 96}} {
		w, h := size[0], size[1]
		for i := range 2000 {
			d := NewDifference(2+2*r.IntN(40), 2+2*r.IntN(40))
			for _, plane := range [...][]byte{d.y.pix, d.u.pix, d.v.pix} {
				for o := range plane {
					plane[o] = byte(r.Uint32())
				}
			}
			reach := float32([]int{3, w / 2, w, 4 * w, 15000}[r.IntN(5)])
			x, y := r.Float32()*float32(w), r.Float32()*float32(h)
			var v [3]Vertex
			for k := range v {
				v[k] = Vertex{X: x + (r.Float32()-0.5)*reach, Y: y + (r.Float32()-0.5)*reach, S: r.Float32()*float32(d.y.w+8) - 4, T: r.Float32()*90 - 4}
			}
			var pics [2]*fenced
			for k := range pics {
				d.vectors = k == 1
				pics[k] = newFenced(w, h, rand.New(rand.NewPCG(uint64(i), 7)))
				cut := k * 2 * r.IntN(h/2)
				d.Add(&pics[k].f, planar.Band{Y1: cut}, 0, &v[0], &v[1], &v[2])
				d.Add(&pics[k].f, planar.Band{Y0: cut, Y1: h}, 0, &v[0], &v[1], &v[2])
			}
			for k, name := range [...]string{"Y", "U", "V"} {
				if !bytes.Equal(pics[0].all[k], pics[1].all[k]) {
					t.Fatalf("%s of %dx%d differs: %+v", name, w, h, v)
				}
			}
		}
	}
}
