package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// shadeCells is the kernel of light's cells: each cell has a change at both its ends, and between them one for each sample.
func shadeCells() {
	odd, least := words("odd", 1, 3, 5, 7, 9, 11, 13, 15), words("least", 0x00100010)
	TEXT("cellsAVX2", attr.NOSPLIT, "func(row *byte, line *int32, cells, width, k, shift, zero, most int)")
	row, line := Load(Param("row"), GP64()).(GPVirtual), Load(Param("line"), GP64()).(GPVirtual)
	cells, width := Load(Param("cells"), GP64()).(GPVirtual), Load(Param("width"), GP64()).(GPVirtual)
	all := func(name string) VecVirtual {
		v := YMM()
		VMOVD(Load(Param(name), GP64()).(GPVirtual).As32(), v.AsX())
		VPBROADCASTD(v.AsX(), v)
		return v
	}
	zero, most, once, bits := all("zero"), all("most"), XMM(), XMM()
	for _, v := range []VecVirtual{zero, most} { // as words
		VPACKSSDW(v, v, v)
	}
	shift := Load(Param("shift"), GP64()).(GPVirtual)
	VMOVQ(shift, once)
	ADDQ(shift, shift)
	VMOVQ(shift, bits)
	along, next := YMM(), all("k")
	VMOVDQU(odd, along)
	VPMULLD(next, along, along)
	VPSLLD(Imm(4), next, next)
	v, d, blocks := YMM(), YMM(), GP64()

	Label("cell")
	VPBROADCASTD(Mem{Base: line}, v)
	VPBROADCASTD(Mem{Base: line, Disp: 4}, d)
	ADDQ(Imm(4), line)
	VPSUBD(v, d, d)
	VPSLLD(once, v, v)
	t := YMM()
	VPMULLD(along, d, t)
	VPADDD(t, v, v)
	MOVQ(width, blocks)
	SHRQ(Imm(3), blocks)
	JZ(LabelRef("four"))
	VPMULLD(next, d, d)
	Label("block")
	change, high, old := YMM(), XMM(), XMM()
	VPSRAD(bits, v, change)
	VEXTRACTI128(Imm(1), change, high)
	VPACKSSDW(high, change.AsX(), change.AsX())
	VPMOVZXBW(Mem{Base: row}, old)
	changed(old, change.AsX(), zero.AsX(), most.AsX(), least)
	VMOVQ(old, Mem{Base: row})
	VPADDD(d, v, v)
	ADDQ(Imm(8), row)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	JMP(LabelRef("last"))

	Label("four")
	half, few := XMM(), XMM()
	VPSRAD(bits, v.AsX(), half)
	VPACKSSDW(half, half, half)
	VMOVD(Mem{Base: row}, few)
	VPMOVZXBW(few, few)
	changed(few, half, zero.AsX(), most.AsX(), least)
	VMOVD(few, Mem{Base: row})
	ADDQ(Imm(4), row)
	Label("last")
	DECQ(cells)
	JNZ(LabelRef("cell"))
	VZEROUPPER()
	RET()
}

// changed multiplies the distances of samples, words, from zero by 1 + change/4096, rounded, and makes them bytes.
func changed(v, change, zero, most Op, least Mem) {
	c := XMM()
	VPSUBW(zero, v, c)
	VPSLLW(Imm(3), c, c)
	VPMULHRSW(change, c, c)
	VPADDW(c, v, v)
	VPMAXSW(least, v, v)
	VPMINSW(most, v, v)
	VPACKUSWB(v, v, v)
}
