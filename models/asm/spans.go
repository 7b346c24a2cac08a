package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets in texmap.job, which a test of that package compares.
const (
	jobDst, jobDst2, jobTex, jobTex2, jobAlpha      = 0, 8, 16, 24, 32
	jobStride, jobFrom, jobTo                       = 40, 48, 56
	jobX0, jobY0, jobX1, jobY1                      = 64, 68, 72, 76
	jobLong, jobUpper, jobLower                     = 84, 88, 92
	jobGX, jobGY, jobS, jobT                        = 96, 104, 112, 116
	jobDsDx, jobDsDy, jobDtDx, jobDtDy              = 120, 124, 128, 132
	jobW, jobLast, jobAlphaW, jobAlphaLast, jobFade = 136, 140, 144, 148, 152
)

// tables are what all kernels of spans read.
type tables struct {
	lanes, even, pairX, pairY, signs, whole, bias, round, pick, half, far, near, shift, quarter, mixRound Mem
}

func newTables() tables {
	return tables{
		lanes: words("lanes", 0, 1, 2, 3, 4, 5, 6, 7),
		even:  words("even", 0x00ff00ff),
		// The second byte of each place, the fraction, as two words.
		pairX:    words("fraction", 0x80018001, 0x80058005, 0x80098009, 0x800d800d),
		signs:    words("signs", 0x0001ffff),
		whole:    words("whole", 0x00000100),
		bias:     words("bias", 0x80008000),
		round:    words("round", 32768*256+32768),
		pick:     words("pick", 0x0c080400, 0x80808080, 0x80808080, 0x80808080),
		half:     float("half", 0.5),
		far:      float("far", 1e9),
		near:     float("near", -1e9),
		shift:    float("shift", 16384.5),
		quarter:  words("quarter", 1<<14),
		mixRound: words("mixRound", 128),
	}
}

// spans is the frame of a kernel: it plans the rows of a triangle eight at a time and calls paint for every eight pixels of a span.
type spans struct {
	tables
	job              GPVirtual
	rows             Mem // planned: from, to, s, t, each of eight rows
	p, q             GPVirtual
	x, n, width      GPVirtual // column, pixels left in the span, and in the row
	s, t             VecVirtual
	name             string
	two              bool
	rowP, rowQ, y, k GPVirtual
	later            []func()
	startS, startT   Mem // lanes times the derivative
	stepS, stepT     Mem // eight times the derivative
}

func newSpans(t tables, name string, two bool) *spans {
	TEXT(name, 0, "func(j *byte)")
	f := &spans{tables: t, name: name, two: two}
	f.job = Load(Param("j"), GP64()).(GPVirtual)
	f.rows = AllocLocal(128)
	f.startS, f.startT, f.stepS, f.stepT = AllocLocal(32), AllocLocal(32), AllocLocal(32), AllocLocal(32)
	return f
}

// along prepares what one derivative adds from lane to lane and from one eight to the next.
func (f *spans) along(offset int, start, step Mem) {
	d := spread(f.job, offset)
	v := YMM()
	VPMULLD(f.lanes, d, v)
	VMOVDQU(v, start)
	VPSLLD(Imm(3), d, v)
	VMOVDQU(v, step)
}

// plan works out the spans of the eight rows from y on, and the places in the texture where they begin; the operations are those
// of edges.span and gradient.at.
func (f *spans) plan() {
	y, yc := YMM(), YMM()
	low := f.y.As32()
	VMOVD(low, y.AsX())
	VPBROADCASTD(y.AsX(), y)
	VPADDD(f.lanes, y, y)
	VCVTDQ2PS(y, yc)
	VADDPS(f.half, yc, yc)
	a, b, c, m := YMM(), YMM(), YMM(), YMM()
	VSUBPS(spread(f.job, jobY0), yc, a)
	VMULPS(spread(f.job, jobUpper), a, b)
	VMULPS(spread(f.job, jobLong), a, a)
	x0 := spread(f.job, jobX0)
	VADDPS(x0, a, a)
	VADDPS(x0, b, b)
	y1 := spread(f.job, jobY1)
	VSUBPS(y1, yc, c)
	VMULPS(spread(f.job, jobLower), c, c)
	VADDPS(spread(f.job, jobX1), c, c)
	VCMPPS(Imm(1), y1, yc, m) // yc < y1
	VBLENDVPS(m, b, c, b)
	for _, v := range []VecVirtual{a, b} {
		VADDPS(f.shift, v, v)
		VMINPS(f.far, v, v)
		VMAXPS(f.near, v, v)
		VCVTTPS2DQ(v, v)
		VPSUBD(f.quarter, v, v)
	}
	from, to, zero := YMM(), YMM(), YMM()
	VPXOR(zero, zero, zero)
	VPMINSD(a, b, from)
	VPMAXSD(zero, from, from)
	VPMAXSD(a, b, to)
	VPMINSD(spread(f.job, jobStride), to, to)
	VMOVDQU(from, f.rows.Offset(0))
	VMOVDQU(to, f.rows.Offset(32))
	VPSUBD(spread(f.job, jobGX), from, from)
	VPSUBD(spread(f.job, jobGY), y, y)
	for i, d := range [2][3]int{{jobS, jobDsDx, jobDsDy}, {jobT, jobDtDx, jobDtDy}} {
		v, w := YMM(), YMM()
		VPMULLD(spread(f.job, d[1]), from, v)
		VPMULLD(spread(f.job, d[2]), y, w)
		VPADDD(w, v, v)
		VPADDD(spread(f.job, d[0]), v, v)
		VMOVDQU(v, f.rows.Offset(64+32*i))
	}
}

// run is the frame around paint, which gets the mask of the lanes that are in the span, and jumps to f.name+"Next" or falls through.
func (f *spans) run(paint func(lanes VecVirtual)) {
	f.y, f.k, f.rowP = GP64(), GP64(), GP64()
	MOVQ(at(f.job, jobFrom), f.y)
	f.rowP = f.firstRow(jobDst)
	if f.two {
		f.rowQ = f.firstRow(jobDst2)
	}
	f.along(jobDsDx, f.startS, f.stepS)
	f.along(jobDtDx, f.startT, f.stepT)
	f.p, f.q, f.x, f.n, f.width = GP64(), GP64(), GP64(), GP64(), GP64()
	f.s, f.t = YMM(), YMM()

	Label(f.name + "Eight")
	CMPQ(f.y, at(f.job, jobTo))
	JGE(LabelRef(f.name + "Done"))
	f.plan()
	XORQ(f.k, f.k)

	Label(f.name + "Row")
	row := func(offset int) Mem { m := f.rows.Offset(offset); m.Index, m.Scale = f.k, 4; return m }
	MOVLQSX(row(0), f.x)
	MOVLQSX(row(32), f.n)
	SUBQ(f.x, f.n)
	JLE(LabelRef(f.name + "RowDone"))
	MOVQ(at(f.job, jobStride), f.width)
	SUBQ(f.x, f.width)
	LEAQ(Mem{Base: f.rowP, Index: f.x, Scale: 1}, f.p)
	if f.two {
		LEAQ(Mem{Base: f.rowQ, Index: f.x, Scale: 1}, f.q)
	}
	VPBROADCASTD(row(64), f.s)
	VPADDD(f.startS, f.s, f.s)
	VPBROADCASTD(row(96), f.t)
	VPADDD(f.startT, f.t, f.t)

	Label(f.name + "Span")
	inside := YMM()
	VMOVD(f.n.As32(), inside.AsX())
	VPBROADCASTD(inside.AsX(), inside)
	VPCMPGTD(f.lanes, inside, inside)
	paint(inside)
	Label(f.name + "Next")
	SUBQ(Imm(8), f.n)
	JLE(LabelRef(f.name + "RowDone"))
	VPADDD(f.stepS, f.s, f.s)
	VPADDD(f.stepT, f.t, f.t)
	SUBQ(Imm(8), f.width)
	ADDQ(Imm(8), f.p)
	if f.two {
		ADDQ(Imm(8), f.q)
	}
	JMP(LabelRef(f.name + "Span"))

	Label(f.name + "RowDone")
	ADDQ(at(f.job, jobStride), f.rowP)
	if f.two {
		ADDQ(at(f.job, jobStride), f.rowQ)
	}
	INCQ(f.y)
	INCQ(f.k)
	CMPQ(f.y, at(f.job, jobTo))
	JGE(LabelRef(f.name + "Done"))
	CMPQ(f.k, Imm(8))
	JL(LabelRef(f.name + "Row"))
	JMP(LabelRef(f.name + "Eight"))

	Label(f.name + "Done")
	VZEROUPPER()
	RET()
	for _, write := range f.later {
		write()
	}
}

func (f *spans) firstRow(plane int) GPVirtual {
	p := GP64()
	MOVQ(at(f.job, jobStride), p)
	IMULQ(f.y, p)
	ADDQ(at(f.job, plane), p)
	return p
}

// place is the offset of the texel at (s, t) in a plane w wide, and narrows the mask to those that are 0..last; the others are last.
func (f *spans) place(s, t VecVirtual, w, last int, mask VecVirtual) VecVirtual {
	o, v := YMM(), YMM()
	VPSRAD(Imm(16), t, o)
	VPMULLD(spread(f.job, w), o, o)
	VPSRAD(Imm(16), s, v)
	VPADDD(v, o, o)
	VPMINUD(spread(f.job, last), o, v)
	VPCMPEQD(v, o, o)
	VPAND(o, mask, mask)
	return v
}

// gather reads four bytes at each offset times scale. It does so one by one, which takes less than VPGATHERDD.
func (f *spans) gather(base GPVirtual, o VecVirtual, scale uint8) VecVirtual {
	high, v := XMM(), YMM()
	VEXTRACTI128(Imm(1), o, high)
	a, b := f.four(base, o.AsX(), scale), f.four(base, high, scale)
	VINSERTI128(Imm(1), b, a.AsY(), v)
	return v
}

func (f *spans) four(base GPVirtual, o Op, scale uint8) VecVirtual {
	v := XMM()
	low, high := GP64(), GP64()
	from := func(i GPVirtual) Mem { return Mem{Base: base, Index: i, Scale: scale} }
	for i := range uint64(2) {
		if i == 0 {
			VMOVQ(o, high)
		} else {
			VPEXTRQ(Imm(1), o, high)
		}
		MOVL(high.As32(), low.As32())
		SHRQ(Imm(32), high)
		if i == 0 {
			VMOVD(from(low), v)
		} else {
			VPINSRD(Imm(2), from(low), v, v)
		}
		VPINSRD(Imm(2*i+1), from(high), v, v)
	}
	return v
}

// luma reads a lumaPlane and samples it at (s, t): its neighbourhoods lie column by column.
func (f *spans) luma(o VecVirtual) VecVirtual {
	base := GP64()
	MOVQ(at(f.job, jobTex), base)
	return f.bilinear(f.gather(base, o, 2), f.t, f.s)
}

// quads reads a quadPlane.
func (f *spans) quads(plane int, o VecVirtual) VecVirtual {
	base := GP64()
	MOVQ(at(f.job, plane), base)
	return f.gather(base, o, 4)
}

// bilinear is what texmap's is: q holds neighbourhoods, (s, t) places.
func (f *spans) bilinear(q, s, t VecVirtual) VecVirtual {
	fx, a, b := YMM(), YMM(), YMM()
	VPSHUFB(f.pairX, s, fx)
	VPAND(f.even, q, a)
	VPSRLW(Imm(8), q, b)
	VPSUBW(a, b, b)
	VPMULLW(fx, b, b)
	VPSLLW(Imm(8), q, a)
	VPADDW(a, b, b)
	// What is now unsigned fits signed products once it is shifted by 32768; round gives that back.
	VPXOR(f.bias, b, b)
	VPSHUFB(f.pairX, t, fx)
	VPSIGNW(f.signs, fx, fx)
	VPADDW(f.whole, fx, fx)
	VPMADDWD(fx, b, b)
	VPADDD(f.round, b, b)
	VPSRLD(Imm(16), b, b)
	return b
}

// opacity lowers a by the job's fade and makes it 0..256, as two words: what stays and what is laid over.
func (f *spans) opacity(a VecVirtual) VecVirtual {
	v := YMM()
	VPMULLW(spread(f.job, jobFade), a, a)
	VPSRLD(Imm(8), a, a)
	VPSRLD(Imm(7), a, v)
	VPADDD(v, a, a)
	VPSLLD(Imm(16), a, v)
	VPSUBD(a, v, v)
	VPADDD(f.whole, v, v)
	return v
}

// mix is texmap's Mix, for weights by opacity.
func (f *spans) mix(old, src, weights VecVirtual) VecVirtual {
	v := YMM()
	VPSLLD(Imm(16), src, v)
	VPOR(old, v, v)
	VPMADDWD(weights, v, v)
	VPADDD(f.mixRound, v, v)
	VPSRLD(Imm(8), v, v)
	return v
}

// load reads eight pixels at p, or those that are left of the row: behind it others may be drawing.
func (f *spans) load(p GPVirtual, tag string) VecVirtual {
	v := YMM()
	CMPQ(f.width, Imm(8))
	JL(LabelRef(f.name + "Short" + tag))
	VPMOVZXBD(Mem{Base: p}, v)
	Label(f.name + "Loaded" + tag)
	f.later = append(f.later, func() {
		Label(f.name + "Short" + tag)
		i, bits, b := GP64(), GP64(), GP64()
		XORQ(bits, bits)
		MOVQ(f.n, i)
		Label(f.name + "ShortLoop" + tag)
		SHLQ(Imm(8), bits)
		MOVBQZX(Mem{Base: p, Index: i, Scale: 1, Disp: -1}, b)
		ORQ(b, bits)
		DECQ(i)
		JNZ(LabelRef(f.name + "ShortLoop" + tag))
		VMOVQ(bits, v.AsX())
		VPMOVZXBD(v.AsX(), v)
		JMP(LabelRef(f.name + "Loaded" + tag))
	})
	return v
}

// store writes those lanes of v that the mask names, and old elsewhere.
func (f *spans) store(p GPVirtual, v, old, mask VecVirtual, tag string) {
	out, high := YMM(), YMM()
	VPBLENDVB(mask, v, old, out)
	VPSHUFB(f.pick, out, out)
	VEXTRACTI128(Imm(1), out, high.AsX())
	VPUNPCKLDQ(high.AsX(), out.AsX(), out.AsX())
	CMPQ(f.width, Imm(8))
	JL(LabelRef(f.name + "Brief" + tag))
	VMOVQ(out.AsX(), Mem{Base: p})
	Label(f.name + "Stored" + tag)
	f.later = append(f.later, func() {
		Label(f.name + "Brief" + tag)
		i, bits := GP64(), GP64()
		XORQ(i, i)
		VMOVQ(out.AsX(), bits)
		Label(f.name + "BriefLoop" + tag)
		MOVB(bits.As8(), Mem{Base: p, Index: i, Scale: 1})
		SHRQ(Imm(8), bits)
		INCQ(i)
		CMPQ(i, f.n)
		JL(LabelRef(f.name + "BriefLoop" + tag))
		JMP(LabelRef(f.name + "Stored" + tag))
	})
}

func lumaOpaque(t tables) {
	f := newSpans(t, "lumaOpaqueAVX2", false)
	f.run(func(mask VecVirtual) {
		o := f.place(f.s, f.t, jobW, jobLast, mask)
		old := f.load(f.p, "")
		f.store(f.p, f.luma(o), old, mask, "")
	})
}

// coarse is a place in the opacity of a texture, which is half as fine as its luma.
func (f *spans) coarse(s VecVirtual) VecVirtual {
	v := YMM()
	VPSRAD(Imm(1), s, v)
	VPSUBD(f.quarter, v, v)
	return v
}

// seen narrows the mask to where the opacity's neighbourhoods are not 0, and leaves paint where that is nowhere.
func (f *spans) seen(quads, mask VecVirtual) {
	v := YMM()
	VPXOR(v, v, v)
	VPCMPEQD(v, quads, v)
	VPANDN(mask, v, mask)
	VPTEST(mask, mask)
	JZ(LabelRef(f.name + "Next"))
}

func lumaBlend(t tables) {
	f := newSpans(t, "lumaBlendAVX2", false)
	f.run(func(mask VecVirtual) {
		as, at := f.coarse(f.s), f.coarse(f.t)
		ao := f.place(as, at, jobAlphaW, jobAlphaLast, mask)
		o := f.place(f.s, f.t, jobW, jobLast, mask)
		quads := f.quads(jobAlpha, ao)
		f.seen(quads, mask)
		weights := f.opacity(f.bilinear(quads, as, at))
		old := f.load(f.p, "")
		src := f.luma(o)
		f.store(f.p, f.mix(old, src, weights), old, mask, "")
	})
}

func chroma(t tables, name string, opaque bool) {
	f := newSpans(t, name, true)
	f.run(func(mask VecVirtual) {
		o := f.place(f.s, f.t, jobW, jobLast, mask)
		var weights VecVirtual
		if !opaque {
			quads := f.quads(jobAlpha, o)
			f.seen(quads, mask)
			weights = f.opacity(f.bilinear(quads, f.s, f.t))
		}
		for i, p := range []GPVirtual{f.p, f.q} {
			tag := []string{"U", "V"}[i]
			old := f.load(p, tag)
			src := f.bilinear(f.quads([]int{jobTex, jobTex2}[i], o), f.s, f.t)
			if !opaque {
				src = f.mix(old, src, weights)
			}
			f.store(p, src, old, mask, tag)
		}
	})
}
