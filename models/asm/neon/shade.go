package main

// shadeCells is the kernel of light's cells: each cell has a change at both its ends, and between them one for each sample.
func shadeCells(a *asm) {
	const arguments = "(row *byte, line *int32, cells, width, k, shift, zero, most int)"
	r := a.function("cellsNEON", arguments, 0, "row", "line", "cells", "width", "k", "shift", "zero", "most")
	row, line, cells, width, k, shift := r[0], r[1], r[2], r[3], r[4], r[5]
	c := changer{zero: a.spread(r[6], h8), most: a.spread(r[7], h8), least: a.every(16, h8), times: a.vec()}
	// Shifts to the right are those to the left by what is below zero.
	once := a.spread(shift, s4)
	a.op("ADD", shift, shift)
	a.op("NEG", shift, shift)
	bits := a.spread(shift, s4)
	next := a.spread(k, s4)
	low, high := a.count(1, 2), a.count(9, 2)
	a.v3(mul, s4, low, low, next)
	a.v3(mul, s4, high, high, next)
	a.shl(s4, next, next, 4)
	v, w, d, t, blocks := a.vec(), a.vec(), a.vec(), a.vec(), a.reg()

	a.label("cell")
	a.op("VLD1R", to(line), list(s4, v))
	a.op("ADD", "$4", line)
	a.op("VLD1R", to(line), list(s4, d))
	a.v3(sub, s4, d, d, v)
	a.v3(sshl, s4, v, v, once)
	a.op("VMOV", b16.of(v), b16.of(w))
	a.v3(mla, s4, v, low, d)
	a.op("LSR", "$3", width, blocks)
	a.op("CBZ", blocks, "four")
	a.v3(mla, s4, w, high, d)
	a.v3(mul, s4, d, next, d)

	a.label("block")
	change := c.times
	a.v3(sshl, s4, t, v, bits)
	a.narrow(xtn, h4, change, t)
	a.v3(sshl, s4, t, w, bits)
	a.narrow(xtn, h8, change, t)
	a.op("VLD1", to(row), list(b8, t))
	c.changed(a, t)
	a.op("VST1.P", list(b8, t), at(row, 8))
	a.v3(add, s4, v, v, d)
	a.v3(add, s4, w, w, d)
	a.op("SUB", "$1", blocks)
	a.op("CBNZ", blocks, "block")
	a.op("B", "last")

	a.label("four")
	a.v3(sshl, s4, t, v, bits)
	a.narrow(xtn, h4, change, t)
	a.op("VLD1", to(row), lane(t, 'S', 0))
	c.changed(a, t)
	a.op("VST1.P", lane(t, 'S', 0), at(row, 4))
	a.label("last")
	a.op("SUB", "$1", cells)
	a.op("CBNZ", cells, "cell")
	a.op("RET")
}

// changer holds words: the value of no light, what samples may be, and the changes of eight.
type changer struct{ zero, most, least, times vec }

// changed multiplies the distances of the bytes v from zero by 1 + change/4096, rounded.
func (c *changer) changed(a *asm, v vec) {
	d := a.vec()
	a.unsigned(b8, v, v, 0)
	a.v3(sub, h8, d, v, c.zero)
	a.shl(h8, d, d, 3)
	a.v3(sqrdmulh, h8, d, d, c.times)
	a.v3(add, h8, v, v, d)
	a.v3(smax, h8, v, v, c.least)
	a.v3(smin, h8, v, v, c.most)
	a.narrow(xtn, b8, v, v)
	a.free(d)
}
