package main

// Offsets in views.part, and its size.
const partAt, partShare, partSize = 0, 4, 8

// mixBytes is the kernel of views' mix: 64 samples at a time, all parts of them before the next.
func mixBytes(a *asm) {
	const run = 4 // registers of 16 samples
	r := a.function("mixNEON", "(dst *byte, n int, src *int8, parts *byte, count int)", 0, "dst", "n", "src", "parts", "count")
	dst, n, src, parts, count := r[0], r[1], r[2], r[3], r[4]
	p, left, from := a.reg(), a.reg(), a.reg()
	turn, share, word := a.every(128, b16), a.vec(), a.vec()
	var sum [2 * run]vec
	for k := range sum {
		sum[k] = a.vec()
	}
	var in [run]vec
	for k := range in {
		in[k] = a.vec()
	}

	a.label("block")
	for _, s := range sum {
		a.bits("VEOR", s, s, s)
	}
	a.op("MOVD", parts, p)
	a.op("MOVD", count, left)
	a.label("part")
	a.op("MOVW", at(p, partAt), from)
	a.op("ADD", src, from)
	a.op("VLD1", to(from), list(b16, in[:]...))
	a.op("MOVW", at(p, partShare), from)
	a.op("VDUP", from, h8.of(share))
	for k, v := range in {
		a.widen(sshll, b8, word, v, 0)
		a.v3(mla, h8, sum[2*k], word, share)
		a.widen(sshll, b16, word, v, 0)
		a.v3(mla, h8, sum[2*k+1], word, share)
	}
	a.op("ADD", number(partSize), p)
	a.op("SUBS", "$1", left)
	a.op("BNE", "part")
	for k, v := range in {
		a.vnarrow(sqrshrn, b8, v, sum[2*k], 7)
		a.vnarrow(sqrshrn, b16, v, sum[2*k+1], 7)
		a.bits("VEOR", v, v, turn)
	}
	a.op("VST1.P", list(b16, in[:]...), at(dst, 16*run))
	a.op("ADD", number(16*run), src)
	a.op("SUBS", number(16*run), n)
	a.op("BGT", "block")
	a.op("RET")
}
