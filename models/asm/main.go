// Command asm writes the assembly of the kernels that packages of models have for processors with AVX2; neon below it does for
// arm64. Each is bound to a reference in Go, byte for byte, by the tests beside it. It is a module of its own, so that what it is written with does not
// become part of the program.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// written says where the files may be used.
const written = "amd64,!purego"

func main() {
	// avo keeps its flags in flag.CommandLine: -out, -stubs, -pkg.
	kind := flag.String("kernels", "", "texmap, portrait, views or light")
	flag.Parse()
	build.ConstraintExpr(written)
	switch *kind {
	case "texmap":
		t := newTables()
		lumaOpaque(t)
		lumaBlend(t)
		chroma(t, "chromaOpaqueKernel", true)
		chroma(t, "chromaBlendKernel", false)
		c := newSums()
		lumaAdd(t, c)
		chromaAdd(t, c)
	case "portrait":
		readRegion()
		unitBytes()
	case "views":
		mixBytes()
	case "light":
		shadeCells()
	default:
		fmt.Fprintln(os.Stderr, "asm: -kernels texmap, portrait, views or light")
		os.Exit(2)
	}
	build.Generate()
}

// words is a constant of 32 bytes in the read-only data: v repeated.
func words(name string, v ...uint32) operand.Mem {
	m := build.GLOBL(name, attr.RODATA|attr.NOPTR)
	for i := range 8 {
		build.DATA(4*i, operand.U32(v[i%len(v)]))
	}
	return m
}

// float is a constant, eight times.
func float(name string, v float32) operand.Mem {
	m := build.GLOBL(name, attr.RODATA|attr.NOPTR)
	for i := range 8 {
		build.DATA(4*i, operand.F32(v))
	}
	return m
}

// at is a field of what p points to.
func at(p reg.GPVirtual, offset int) operand.Mem { return operand.Mem{Base: p, Disp: offset} }

// spread is a field of 32 bits in all lanes.
func spread(p reg.GPVirtual, offset int) reg.VecVirtual {
	v := build.YMM()
	build.VPBROADCASTD(at(p, offset), v)
	return v
}
