package views

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestKernelMixesTheSame: the kernel gives the bytes of plain Go, for shares and residues up to the most that are mixed.
func TestKernelMixesTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for i := range 2000 {
		n, takes := block*(1+random.IntN(4)), 1+random.IntN(12)
		src := make([]int8, n*takes)
		for o := range src {
			src[o] = int8(random.IntN(255) - 127)
			if i%3 == 0 { // the ends
				src[o] = int8(127 - 254*random.IntN(2))
			}
		}
		var parts []part
		for left := int32(mostSum); len(parts) < takes; {
			share := random.Int32N(left + 1)
			if i%5 == 0 && len(parts) == 0 {
				share = left
			}
			left -= share
			if random.IntN(2) == 0 {
				share = -share
			}
			parts = append(parts, part{int32(n * random.IntN(takes)), share})
		}
		one := make([]byte, n+2*8)
		for o := range one {
			one[o] = byte(random.Uint32())
		}
		two := bytes.Clone(one)
		mixOne(one[8:8+n], src, parts)
		mix(two[8:8+n], src, parts)
		if !bytes.Equal(one, two) {
			t.Fatalf("%d samples of %v: the kernel gives other bytes", n, parts)
		}
	}
}
