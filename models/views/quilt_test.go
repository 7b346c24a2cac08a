package views

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// TestMixes: the kernel mixes as the loop does, byte for byte, and writes nothing beyond; it knows how parts lie in memory.
func TestMixes(t *testing.T) {
	var p part
	if unsafe.Offsetof(p.at) != 0 || unsafe.Offsetof(p.share) != 4 || unsafe.Sizeof(p) != 8 {
		t.Error("parts lie otherwise than the kernel reads them")
	}
	r := rand.New(rand.NewPCG(1, 2))
	src := make([]int8, 4096)
	for i := range src {
		src[i] = int8(r.IntN(255) - 127)
	}
	for range 500 {
		n := block * (1 + r.IntN(8))
		var parts []part
		for range 1 + r.IntN(60) {
			parts = append(parts, part{int32(r.IntN(len(src) - n + 1)), int32(r.IntN(2*mostSum) - mostSum)})
		}
		want, got := make([]byte, n), bytes.Repeat([]byte{77}, n+block)
		mixOne(want, src, parts)
		mix(got[:n], src, parts)
		if !bytes.Equal(got[:n], want) || !bytes.Equal(got[n:], bytes.Repeat([]byte{77}, block)) {
			t.Fatalf("%d samples of %d parts differ", n, len(parts))
		}
	}
}

// TestQuilt: whatever was mixed before, the mix is that of the residues, to about a level, and where no tile says anything it is nothing.
func TestQuilt(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c := &chart{w: 3 * tileWide, h: 4 * tileHigh}
	q := newQuilt(c)
	var residues [][3]*planar.Plane
	for i := range 9 {
		var one [3]*planar.Plane
		for k := range one {
			one[k] = planar.New(c.w, c.h)
			for o := range one[k].Pix {
				if x, y := o%c.w, o/c.w; x/tileWide == i%3 && y > i {
					one[k].Pix[o] = float32(r.NormFloat64() * 20)
				}
			}
		}
		q.add(&one, i%2, i)
		residues = append(residues, [3]*planar.Plane{one[0], one[1].Half(), one[2].Half()})
	}
	q.pack()
	planes := [3][]byte{make([]byte, c.w*c.h), make([]byte, c.w*c.h/4), make([]byte, c.w*c.h/4)}
	for _, p := range planes {
		copy(p, bytes.Repeat([]byte{nothing}, len(p)))
	}
	s := q.sewn(planes[0], planes[1], planes[2], len(residues))
	shares, weights := make([]int32, len(residues)), make([]float32, len(residues))
	for round := range 60 {
		changed := uint(1 + r.IntN(3))
		for i := range weights {
			if changed>>(i%2)&1 != 0 {
				weights[i] = float32(r.IntN(3)) * (r.Float32() - 0.3) / 8
				if round%5 == 4 {
					weights[i] = 0
				}
				weights[i] = float32(math.Round(float64(weights[i]*oneUnit))) / oneUnit
				shares[i] = int32(weights[i] * oneUnit)
			}
		}
		if some := s.mix(shares, changed); some && bytes.Count(planes[0], []byte{nothing}) == len(planes[0]) && bytes.Count(planes[1], []byte{nothing}) == len(planes[1]) {
			t.Log("a tile was mixed that adds nothing; that costs time only")
		} else if !some && bytes.Count(planes[0], []byte{nothing}) != len(planes[0]) {
			t.Fatal("something is left of what was mixed before")
		}
		for k, p := range planes {
			for o, got := range p {
				var want float32
				for i, r := range residues {
					want += weights[i] * r[k].Pix[o]
				}
				if math.Abs(float64(int(got)-nothing)-float64(want)) > 1.2 {
					t.Fatalf("round %d, plane %d, %d: %d, want %.2f", round, k, o, int(got)-nothing, want)
				}
			}
		}
	}
}

// TestPortions: shares are weights in whole parts, brought down together where sums would become too large.
func TestPortions(t *testing.T) {
	shares := make([]int32, 3)
	if !portion(shares, []float32{0.5, -0.25, 0.004}) || shares[0] != 64 || shares[1] != -32 || shares[2] != 1 {
		t.Error(shares)
	}
	if portion(shares, []float32{0.5, -0.25, 0.004}) {
		t.Error("the same weights are said to be others")
	}
	if !portion(shares, []float32{1.5, -1, 1.4}) || shares[0]-shares[1]+shares[2] > mostSum || shares[0] <= 0 || shares[1] >= 0 {
		t.Error(shares)
	}
}
