//go:build arm64 && !purego

package views

import "unsafe"

//go:generate go run -C ../asm ./neon -kernels views -out ../views/mix_arm64.s

//go:noescape
func mixNEON(dst *byte, n int, src *int8, parts *byte, count int)

// mix is mixOne for dst of a multiple of block and at least one part, all of which lie in src.
func mix(dst []byte, src []int8, parts []part) {
	mixNEON(&dst[0], len(dst), &src[0], (*byte)(unsafe.Pointer(&parts[0])), len(parts))
}
