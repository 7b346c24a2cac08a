package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets in views.part, and its size.
const partAt, partShare, partSize = 0, 4, 8

// mixBytes is the kernel of views' mix: 64 samples at a time, all parts of them before the next.
func mixBytes() {
	const run, each = 4, 16 // registers of sums, samples in each
	round, turn := words("round", 0x00400040), words("turn", 0x80808080)
	TEXT("mixAVX2", attr.NOSPLIT, "func(dst *byte, n int, src *int8, parts *byte, count int)")
	dst, n, src := Load(Param("dst"), GP64()).(GPVirtual), Load(Param("n"), GP64()).(GPVirtual), Load(Param("src"), GP64()).(GPVirtual)
	parts, count := Load(Param("parts"), GP64()).(GPVirtual), Load(Param("count"), GP64()).(GPVirtual)
	var sum [run]VecVirtual
	for k := range sum {
		sum[k] = YMM()
	}
	p, left, from := GP64(), GP64(), GP64()
	Label("block")
	for _, s := range sum {
		VPXOR(s, s, s)
	}
	MOVQ(parts, p)
	MOVQ(count, left)
	Label("part")
	MOVLQSX(Mem{Base: p, Disp: partAt}, from)
	ADDQ(src, from)
	share := YMM()
	VPBROADCASTW(Mem{Base: p, Disp: partShare}, share)
	for k, s := range sum {
		v := YMM()
		VPMOVSXBW(Mem{Base: from, Disp: each * k}, v)
		VPMULLW(share, v, v)
		VPADDW(v, s, s)
	}
	ADDQ(Imm(partSize), p)
	DECQ(left)
	JNZ(LabelRef("part"))
	for _, s := range sum {
		VPADDW(round, s, s)
		VPSRAW(Imm(7), s, s)
	}
	for k := 0; k < run; k += 2 {
		VPACKSSWB(sum[k+1], sum[k], sum[k])
		VPERMQ(Imm(0xd8), sum[k], sum[k])
		VPXOR(turn, sum[k], sum[k])
		VMOVDQU(sum[k], Mem{Base: dst, Disp: each * k})
	}
	ADDQ(Imm(run*each), src)
	ADDQ(Imm(run*each), dst)
	SUBQ(Imm(run*each), n)
	JG(LabelRef("block"))
	VZEROUPPER()
	RET()
}
