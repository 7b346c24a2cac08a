package views

// Residues are mixed as whole numbers, -127..127, by shares of oneUnit.
const (
	oneUnit = 128
	mostSum = 252 // of a group's shares without their signs: beyond, sums would leave 16 bits
	nothing = 128 // the byte of a mix that adds nothing
	block   = 64  // samples that are mixed at a time
)

// part is a take's samples, from at on, and its share. The kernel knows how it lies in memory.
type part struct{ at, share int32 }

// sample is v as it is kept.
func sampled(v float32) int8 {
	if v < 0 {
		return int8(max(v-0.5, -127))
	}
	return int8(min(v+0.5, 127))
}

// portion writes a group's weights as shares into dst, and tells whether that changed anything.
func portion(dst []int32, weights []float32) (changed bool) {
	all := float32(0)
	for _, w := range weights {
		all += max(w, -w)
	}
	k := float32(oneUnit)
	if most := mostSum - float32(len(weights)); all*oneUnit > most {
		k = most / all
	}
	for i, w := range weights {
		share := int32(w*k + 0.5)
		if w < 0 {
			share = int32(w*k - 0.5)
		}
		changed = changed || share != dst[i]
		dst[i] = share
	}
	return changed
}

// mixOne writes the mix of parts of src to dst, what every processor can: bytes around nothing. Sums are as wide as the kernel's.
func mixOne(dst []byte, src []int8, parts []part) {
	for o := range dst {
		var sum int16
		for _, p := range parts {
			sum += int16(p.share) * int16(src[int(p.at)+o]) //nolint:gosec // mostSum
		}
		dst[o] = byte(min(max((sum+oneUnit/2)>>7, -nothing), nothing-1) + nothing)
	}
}
