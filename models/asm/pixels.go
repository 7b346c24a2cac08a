package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

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

// gather reads four bytes at each offset times scale from each base. It does so one by one, which takes less than VPGATHERDD.
func (f *spans) gather(o VecVirtual, scale uint8, bases ...GPVirtual) (all []VecVirtual) {
	high := XMM()
	VEXTRACTI128(Imm(1), o, high)
	low, upper := f.four(o.AsX(), scale, bases), f.four(high, scale, bases)
	for i := range bases {
		v := YMM()
		VINSERTI128(Imm(1), upper[i], low[i].AsY(), v)
		all = append(all, v)
	}
	return all
}

func (f *spans) four(o Op, scale uint8, bases []GPVirtual) (all []VecVirtual) {
	low, high := GP64(), GP64()
	for range bases {
		all = append(all, XMM())
	}
	for i := range uint64(2) {
		if i == 0 {
			VMOVQ(o, high)
		} else {
			VPEXTRQ(Imm(1), o, high)
		}
		MOVL(high.As32(), low.As32())
		SHRQ(Imm(32), high)
		for k, v := range all {
			from := func(i GPVirtual) Mem { return Mem{Base: bases[k], Index: i, Scale: scale} }
			if i == 0 {
				VMOVD(from(low), v)
			} else {
				VPINSRD(Imm(2), from(low), v, v)
			}
			VPINSRD(Imm(2*i+1), from(high), v, v)
		}
	}
	return all
}

// luma reads a lumaPlane and samples it at (s, t): its neighbourhoods lie column by column.
func (f *spans) luma(o VecVirtual) VecVirtual {
	return f.bilinear(f.gather(o, 2, f.plane(jobTex))[0], f.t, f.s)
}

// plane is where a plane begins, which is a field of the job.
func (f *spans) plane(field int) GPVirtual {
	base := GP64()
	MOVQ(at(f.job, field), base)
	return base
}

// quads reads a quadPlane.
func (f *spans) quads(plane int, o VecVirtual) VecVirtual { return f.gather(o, 4, f.plane(plane))[0] }

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
