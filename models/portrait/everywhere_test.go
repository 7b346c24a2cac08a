package portrait

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestSameEverywhere: what is read at a given place is the same numbers on all processors, with kernels and without. The sum was
// taken on amd64 without.
func TestSameEverywhere(t *testing.T) {
	const want = uint64(0x8b00dd9bac5d82f3)
	r, sum, insides := rand.New(rand.NewPCG(13, 14)), fnv.New64a(), 0
	number := func(most int) float32 { return float32(r.IntN(most*64)) / 64 } // which no processor rounds
	for i := range 600 {
		f, err := frame.NewI420(2*(20+r.IntN(60)), 2*(20+r.IntN(60)))
		if err != nil {
			t.Fatal(err)
		}
		for _, plane := range [...][]byte{f.Y, f.U, f.V} {
			for o := range plane {
				plane[o] = byte(r.Uint32())
			}
		}
		region := Region{Edge: []int{8, 16, 24}[r.IntN(3)]}
		a := Alignment{OX: number(f.Width), OY: number(f.Height), UX: number(3) / 2, UY: (number(2) - 1) / 2}
		if i%2 == 0 {
			a.Mirror = float32(region.Edge)
		}
		if region.within(f, &a) {
			insides++
		}
		dst := make([]float32, 3*region.Edge*region.Edge)
		region.Read(dst, f, &a)
		toUnit(dst[:8], f.Y)
		var number [4]byte
		for _, v := range dst {
			binary.LittleEndian.PutUint32(number[:], math.Float32bits(v))
			sum.Write(number[:])
		}
	}
	if got := sum.Sum64(); got != want || insides < 50 {
		t.Errorf("what was read is %#x, want %#x; %d regions lay inside", got, want, insides)
	}
}
