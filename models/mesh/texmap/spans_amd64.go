//go:build amd64 && !purego

package texmap

import "golang.org/x/sys/cpu"

//go:generate go run -C ../../asm . -kernels texmap -out ../mesh/texmap/spans_amd64.s

// hasKernels tells that this processor has what the kernels are written in.
func hasKernels() bool { return cpu.X86.HasAVX2 }
