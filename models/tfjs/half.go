package tfjs

import "math"

// half is v as the bits of the nearest float16; ties go to the even one, and what is too large becomes infinite.
func half(v float32) uint16 {
	const (
		infinite = 0x7c00
		overflow = 0x477ff000 // the float32 half way beyond the largest float16
		normal   = 0x38800000 // the smallest float16 that has all its bits
		rebias   = 112 << 23
	)
	bits := math.Float32bits(v)
	sign, size := uint16(bits>>16&0x8000), bits&0x7fffffff
	switch {
	case size >= overflow:
		return sign | infinite
	case size < normal:
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(size))*(1<<24)))
	}
	size += 0xfff + size>>13&1
	return sign | uint16((size-rebias)>>13)
}
