package main

import "fmt"

// three names an instruction of three registers of one shape: its name in Go's assembler, if that knows it, and its bits.
type three int

type threeBits struct {
	std, native string
	u, size, op uint32
}

// Of bits, those of the shape are left out; size is what stands in their place where the operation has it, as floats do.
const (
	bySize = 4
	single = 0
	second = 2 // the other operation of two that share an opcode
)

const (
	add three = iota
	sub
	mul
	mla
	mls
	smax
	smin
	sqsub
	umin
	cmgt
	cmeq
	cmtst
	sshl
	sqrdmulh
	fadd
	fsub
	fmul
	fmax
	fmin
	fcmgt
)

func (o three) bits() threeBits {
	return [...]threeBits{
		add:      {"add", "VADD", 0, bySize, 0x10},
		sub:      {"sub", "VSUB", 1, bySize, 0x10},
		mul:      {"mul", "", 0, bySize, 0x13},
		mla:      {"mla", "", 0, bySize, 0x12},
		mls:      {"mls", "", 1, bySize, 0x12},
		smax:     {"smax", "", 0, bySize, 0x0c},
		smin:     {"smin", "", 0, bySize, 0x0d},
		sqsub:    {"sqsub", "", 0, bySize, 0x05},
		umin:     {"umin", "VUMIN", 1, bySize, 0x0d},
		cmgt:     {"cmgt", "", 0, bySize, 0x06},
		cmeq:     {"cmeq", "VCMEQ", 1, bySize, 0x11},
		cmtst:    {"cmtst", "VCMTST", 0, bySize, 0x11},
		sshl:     {"sshl", "", 0, bySize, 0x08},
		sqrdmulh: {"sqrdmulh", "", 1, bySize, 0x16},
		fadd:     {"fadd", "", 0, single, 0x1a},
		fsub:     {"fsub", "", 0, second, 0x1a},
		fmul:     {"fmul", "", 1, single, 0x1b},
		fmax:     {"fmax", "", 0, single, 0x1e},
		fmin:     {"fmin", "", 0, second, 0x1e},
		fcmgt:    {"fcmgt", "", 1, second, 0x1c},
	}[o]
}

// v3 writes d = n op m.
func (a *asm) v3(name three, s shape, d, n, m vec) {
	o := name.bits()
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
type long int

type longBits struct {
	std   string
	u, op uint32
}

const (
	umlal long = iota
	umlsl
)

func (o long) bits() longBits {
	return [...]longBits{
		umlal: {"umlal", 1, 8},
		umlsl: {"umlsl", 1, 10},
	}[o]
}

// wide is the shape of what comes of s.
func (s shape) wide() shape { return shape{8 >> s.size(), "HSD"[s.size()]} }

// vlong writes d op= n, m, of their lower halves for the shapes of half a register, else of the upper ones.
func (a *asm) vlong(instruction long, s shape, d, n, m vec) {
	o := instruction.bits()
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	bits := 0x0e200000 | s.whole()<<30 | o.u<<29 | s.size()<<22 | uint32(m)<<16 | o.op<<12 | uint32(n)<<5 | uint32(d)
	a.word(bits, fmt.Sprintf("%s %s, %s, %s", name, s.wide().std(d), s.std(n), s.std(m)))
}

// misc names an instruction of two registers.
type misc int

type miscBits struct {
	std         string
	u, size, op uint32
}

const (
	scvtf misc = iota
	ucvtf
	fcvtzs
	shll
	xtn
)

func (o misc) bits() miscBits {
	return [...]miscBits{
		scvtf:  {"scvtf", 0, single, 0x1d},
		ucvtf:  {"ucvtf", 1, single, 0x1d},
		fcvtzs: {"fcvtzs", 0, second, 0x1b},
		shll:   {"shll", 1, bySize, 0x13},
		xtn:    {"xtn", 0, bySize, 0x12},
	}[o]
}

func (o miscBits) encoded(s shape, d, n vec) uint32 {
	size := o.size
	if size == bySize {
		size = s.size()
	}
	return 0x0e200800 | s.whole()<<30 | o.u<<29 | size<<22 | o.op<<12 | uint32(n)<<5 | uint32(d)
}

// v2 writes d = op n.
func (a *asm) v2(name misc, s shape, d, n vec) {
	o := name.bits()
	a.word(o.encoded(s, d, n), fmt.Sprintf("%s %s, %s", o.std, s.std(d), s.std(n)))
}

// narrow writes d = op n, d of shape s and n of lanes twice as wide, into the lower half, or with whole shapes into the upper one.
func (a *asm) narrow(instruction misc, s shape, d, n vec) {
	o := instruction.bits()
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n), fmt.Sprintf("%s %s, %s", name, s.std(d), s.wide().std(n)))
}

// shift names one by a number of bits.
type shift int

type shiftBits struct {
	std   string
	u, op uint32
	right bool
}

const (
	sshr shift = iota
	ssra
	rshrn
	sqrshrn
	sshll
)

func (o shift) bits() shiftBits {
	return [...]shiftBits{
		sshr:    {"sshr", 0, 0x00, true},
		ssra:    {"ssra", 0, 0x02, true},
		rshrn:   {"rshrn", 0, 0x11, true},
		sqrshrn: {"sqrshrn", 0, 0x13, true},
		sshll:   {"sshll", 0, 0x14, false},
	}[o]
}

func (o shiftBits) encoded(s shape, d, n vec, by int) uint32 {
	lane := uint32(8) << s.size()
	imm := lane + uint32(by)
	if o.right {
		imm = 2*lane - uint32(by)
	}
	return 0x0f000400 | s.whole()<<30 | o.u<<29 | imm<<16 | o.op<<11 | uint32(n)<<5 | uint32(d)
}

// vshift writes d = n op by, of one shape.
func (a *asm) vshift(name shift, s shape, d, n vec, by int) {
	o := name.bits()
	a.word(o.encoded(s, d, n, by), fmt.Sprintf("%s %s, %s, #%d", o.std, s.std(d), s.std(n), by))
}

// vnarrow is narrow with a shift.
func (a *asm) vnarrow(instruction shift, s shape, d, n vec, by int) {
	o := instruction.bits()
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n, by), fmt.Sprintf("%s %s, %s, #%d", name, s.std(d), s.wide().std(n), by))
}

// widen writes d = n << by, n of shape s: its lower half, or with whole shapes its upper one.
func (a *asm) widen(instruction shift, s shape, d, n vec, by int) {
	o := instruction.bits()
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n, by), fmt.Sprintf("%s %s, %s, #%d", name, s.wide().std(d), s.std(n), by))
}

// shiftedLeft writes d = n << all bits of its lanes, n as for widen.
func (a *asm) shiftedLeft(s shape, d, n vec) {
	o := shll.bits()
	name := o.std
	if s.whole() == 1 {
		name += "2"
	}
	a.word(o.encoded(s, d, n), fmt.Sprintf("%s %s, %s, #%d", name, s.wide().std(d), s.std(n), 8<<s.size()))
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
