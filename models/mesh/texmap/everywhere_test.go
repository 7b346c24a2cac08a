package texmap

import (
	"hash/fnv"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestSameEverywhere: what is drawn of given vertices is the same bytes on all processors, with kernels and without. The sum was
// taken on amd64 without.
func TestSameEverywhere(t *testing.T) {
	const want = uint64(0x2faa16cb38bd0d4d)
	r, sum := rand.New(rand.NewPCG(11, 12)), fnv.New64a()
	number := func(most int) float32 { return float32(r.IntN(most*64)) / 64 } // which no processor rounds
	for i := range 600 {
		w, h := 2*(1+r.IntN(60)), 2*(1+r.IntN(60))
		f, err := frame.NewI420(w, h)
		if err != nil {
			t.Fatal(err)
		}
		f.Matte = frame.NewMatte(f)
		tex, bd := bytesOnly(2*(4+r.IntN(30)), 2*(4+r.IntN(30)), r), planar.Band{Y1: h}
		d := NewDifference(2*(4+r.IntN(30)), 2*(4+r.IntN(30)))
		for _, plane := range [...][]byte{d.y.pix, d.u.pix, d.v.pix} {
			random(plane, r)
		}
		for k := range 4 {
			var v [3]Vertex
			for c := range v {
				v[c] = Vertex{number(2*w) - float32(w)/2, number(2*h) - float32(h)/2, number(tex.w), number(tex.h)}
			}
			tex.DrawFaded(f, bd, &v[0], &v[1], &v[2], k == 0, uint32(256>>(i%3)))
			tex.DrawSoftEdge(f, bd, &v[0], &v[1], &v[2], 200)
			d.Add(f, bd, 2*(i%2), &v[0], &v[2], &v[1])
			if k == 3 {
				c := NewColour(number(255), number(255), number(255))
				FillTriangle(f, bd, &v, [3]*Colour{&c, {1 << 20, 1 << 22, 1 << 23}, {1 << 23, 1 << 20, 1 << 21}}, [3]float32{0.25, 1, 0.75})
			}
		}
		for _, plane := range [...][]byte{f.Y, f.U, f.V, f.Matte.Luma, f.Matte.Chroma} {
			sum.Write(plane)
		}
	}
	if got := sum.Sum64(); got != want {
		t.Errorf("what was drawn is %#x, want %#x", got, want)
	}
}

func random(p []byte, r *rand.Rand) {
	for o := range p {
		p[o] = byte(r.Uint32())
	}
}

// bytesOnly is a texture that was never numbers between bytes.
func bytesOnly(w, h int, r *rand.Rand) *Texture {
	quads := func(w, h int) quadPlane {
		q := quadPlane{make([]uint32, w*h), w}
		for o := range q.pix {
			q.pix[o] = []uint32{0, 0xffffffff, r.Uint32()}[r.IntN(3)]
		}
		return q
	}
	n := w * h * planar.Fineness * planar.Fineness
	t := &Texture{w: w, h: h, y: lumaPlane{make([]byte, 2*n+2), n, w * planar.Fineness}, u: quads(w/2, h/2), v: quads(w/2, h/2)}
	random(t.y.pix, r)
	t.a, t.ca = quads(w, h), quads(w/2, h/2)
	t.vectors = vectors(t)
	return t
}
