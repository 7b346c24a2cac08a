package main

import "fmt"

// three names an instruction of three registers of one shape: its name in Go's assembler, if that knows it, and its bits.
type three struct {
	std, native string
	u, size, op uint32
}

// Of bits, those of the shape are left out; size is what stands in their place where the operation has it, as floats do.
const (
	bySize = 4
	single = 0
	second = 2 // the other operation of two that share an opcode
)

var (
	add      = three{"add", "VADD", 0, bySize, 0x10}
	sub      = three{"sub", "VSUB", 1, bySize, 0x10}
	mul      = three{"mul", "", 0, bySize, 0x13}
	mla      = three{"mla", "", 0, bySize, 0x12}
	mls      = three{"mls", "", 1, bySize, 0x12}
	smax     = three{"smax", "", 0, bySize, 0x0c}
	smin     = three{"smin", "", 0, bySize, 0x0d}
	sqsub    = three{"sqsub", "", 0, bySize, 0x05}
	umin     = three{"umin", "VUMIN", 1, bySize, 0x0d}
	cmgt     = three{"cmgt", "", 0, bySize, 0x06}
	cmeq     = three{"cmeq", "VCMEQ", 1, bySize, 0x11}
	cmtst    = three{"cmtst", "VCMTST", 0, bySize, 0x11}
	sshl     = three{"sshl", "", 0, bySize, 0x08}
	sqrdmulh = three{"sqrdmulh", "", 1, bySize, 0x16}
	fadd     = three{"fadd", "", 0, single, 0x1a}
	fsub     = three{"fsub", "", 0, second, 0x1a}
	fmul     = three{"fmul", "", 1, single, 0x1b}
	fmax     = three{"fmax", "", 0, single, 0x1e}
	fmin     = three{"fmin", "", 0, second, 0x1e}
	fcmgt    = three{"fcmgt", "", 1, second, 0x1c}
)

// v3 writes d = n op m.
func (a *asm) v3(o three, s shape, d, n, m vec) {
	if o.native != "" {
		a.op(o.native, s.of(m), s.of(n), s.of(d))
		return
	}
	size := o.size
	if size == bySize {
		size = s.size()
	}
	bits := 0x0e200400 | s.whole()<<30 | o.u<<29 | size<<22 | uint32(m)<<16 | o.op<<11 | uint32(n)<<5 | uint32(d)
	a.word(bits, fmt.Sprintf("%s %s, %s, %s", o.std, s.std(d), s.std(n), s.std(m)))
}

// bits writes d = n op m of all bits: VAND, VORR, VEOR, VBSL, VBIT.
func (a *asm) bits(name string, d, n, m vec) { a.op(name, b16.of(m), b16.of(n), b16.of(d)) }

// long names an instruction whose lanes are twice as wide as what it reads.
type long struct {
	std   string
	u, op uint32
}

var (
	uaddl = long{"uaddl", 1, 0}
	umlal = long{"umlal", 1, 8}
	umlsl = long{"umlsl", 1, 10}
)

// wide is the shape of what comes of s.
func (s shape) wide() shape { return shape{8 >> s.size(), "HSD"[s.size()]} }

// vlong writes d op= n, m, of their lower halves for the shapes of half a register, else of the upper ones.
func (a *asm) vlong(o long, s shape, d, n, m vec) {
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	bits := 0x0e200000 | s.whole()<<30 | o.u<<29 | s.size()<<22 | uint32(m)<<16 | o.op<<12 | uint32(n)<<5 | uint32(d)
	a.word(bits, fmt.Sprintf("%s %s, %s, %s", name, s.wide().std(d), s.std(n), s.std(m)))
}

// misc names an instruction of two registers.
type misc struct {
	std         string
	u, size, op uint32
}

var (
	scvtf  = misc{"scvtf", 0, single, 0x1d}
	ucvtf  = misc{"ucvtf", 1, single, 0x1d}
	fcvtzs = misc{"fcvtzs", 0, second, 0x1b}
	shll   = misc{"shll", 1, bySize, 0x13}
	xtn    = misc{"xtn", 0, bySize, 0x12}
)

func (o misc) encoded(s shape, d, n vec) uint32 {
	size := o.size
	if size == bySize {
		size = s.size()
	}
	return 0x0e200800 | s.whole()<<30 | o.u<<29 | size<<22 | o.op<<12 | uint32(n)<<5 | uint32(d)
}

// v2 writes d = op n.
func (a *asm) v2(o misc, s shape, d, n vec) {
	a.word(o.encoded(s, d, n), fmt.Sprintf("%s %s, %s", o.std, s.std(d), s.std(n)))
}

// narrow writes d = op n, d of shape s and n of lanes twice as wide, into the lower half, or with whole shapes into the upper one.
func (a *asm) narrow(o misc, s shape, d, n vec) {
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n), fmt.Sprintf("%s %s, %s", name, s.std(d), s.wide().std(n)))
}

// shift names one by a number of bits.
type shift struct {
	std   string
	u, op uint32
	right bool
}

var (
	sshr    = shift{"sshr", 0, 0x00, true}
	ssra    = shift{"ssra", 0, 0x02, true}
	rshrn   = shift{"rshrn", 0, 0x11, true}
	sqrshrn = shift{"sqrshrn", 0, 0x13, true}
	sshll   = shift{"sshll", 0, 0x14, false}
)

func (o shift) encoded(s shape, d, n vec, by int) uint32 {
	lane := uint32(8) << s.size()
	imm := lane + uint32(by)
	if o.right {
		imm = 2*lane - uint32(by)
	}
	return 0x0f000400 | s.whole()<<30 | o.u<<29 | imm<<16 | o.op<<11 | uint32(n)<<5 | uint32(d)
}

// vshift writes d = n op by, of one shape.
func (a *asm) vshift(o shift, s shape, d, n vec, by int) {
	a.word(o.encoded(s, d, n, by), fmt.Sprintf("%s %s, %s, #%d", o.std, s.std(d), s.std(n), by))
}

// vnarrow is narrow with a shift.
func (a *asm) vnarrow(o shift, s shape, d, n vec, by int) {
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n, by), fmt.Sprintf("%s %s, %s, #%d", name, s.std(d), s.wide().std(n), by))
}

// widen writes d = n << by, n of shape s: its lower half, or with whole shapes its upper one.
func (a *asm) widen(o shift, s shape, d, n vec, by int) {
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n, by), fmt.Sprintf("%s %s, %s, #%d", name, s.wide().std(d), s.std(n), by))
}

// shiftedLeft writes d = n << all bits of its lanes, n as for widen.
func (a *asm) shiftedLeft(s shape, d, n vec) {
	name := shll.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(shll.encoded(s, d, n), fmt.Sprintf("%s %s, %s, #%d", name, s.wide().std(d), s.std(n), 8<<s.size()))
}

// unsigned is widen of numbers without a sign, which Go's assembler knows.
func (a *asm) unsigned(s shape, d, n vec, by int) {
	name := "VUSHLL"
	if s.whole() == 1 {
		name += "2"
	}
	a.op(name, number(by), s.of(n), s.wide().of(d))
}

// shl and ushr are shifts that it knows.
func (a *asm) shl(s shape, d, n vec, by int)  { a.op("VSHL", number(by), s.of(n), s.of(d)) }
func (a *asm) ushr(s shape, d, n vec, by int) { a.op("VUSHR", number(by), s.of(n), s.of(d)) }

// pick writes the even lanes of n, then those of m, or with VUZP2 the odd ones.
func (a *asm) pick(name string, s shape, d, n, m vec) { a.op(name, s.of(m), s.of(n), s.of(d)) }

// times writes d = n * lane i of m, numbers of 32 bits.
func (a *asm) times(d, n, m vec, i int) {
	bits := 0x4f809000 | uint32(i&1)<<21 | uint32(m)<<16 | uint32(i>>1)<<11 | uint32(n)<<5 | uint32(d)
	a.word(bits, fmt.Sprintf("fmul %s, %s, v%d.s[%d]", s4.std(d), s4.std(n), m, i))
}
