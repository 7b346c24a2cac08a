//go:build arm64 && !purego

package portrait

//go:generate go run -C ../asm ./neon -kernels portrait -out ../portrait/region_arm64.s

// hasKernels is true: all processors that Go writes arm64 for have NEON, which the kernels are written in.
func hasKernels() bool { return true }
