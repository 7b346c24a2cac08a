//go:build amd64 && !purego

package views

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate go run -C ../asm . -kernels views -out ../views/mix_amd64.s

//go:noescape
func mixAVX2(dst *byte, n int, src *int8, parts *byte, count int)

// mix is mixOne for dst of a multiple of block and at least one part, all of which lie in src.
func mix(dst []byte, src []int8, parts []part) {
	if !cpu.X86.HasAVX2 {
		mixOne(dst, src, parts)
		return
	}
	mixAVX2(&dst[0], len(dst), &src[0], (*byte)(unsafe.Pointer(&parts[0])), len(parts))
}
