package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func lumaOpaque(t tables) {
	f := newSpans(t, "lumaOpaqueKernel", false)
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

// kind looks up what opacity there is around the first of eight pixels, whose offset is o's first: where there is none, it leaves
// paint, and where all is opaque, it goes to opaque, which paints what paint would.
func (f *spans) kind(o VecVirtual, opaque func()) {
	kinds, i := GP64(), GP64()
	MOVQ(at(f.job, jobKinds), kinds)
	TESTQ(kinds, kinds)
	JZ(LabelRef(f.name + "Mixed"))
	VMOVD(o.AsX(), i.As32())
	MOVBLZX(Mem{Base: kinds, Index: i, Scale: 1}, i.As32())
	TESTL(i.As32(), i.As32())
	JZ(LabelRef(f.name + "Next"))
	CMPL(i.As32(), Imm(2))
	JNE(LabelRef(f.name + "Mixed"))
	CMPL(at(f.job, jobFade), U32(256))
	JE(LabelRef(f.name + "Opaque"))
	Label(f.name + "Mixed")
	f.later = append(f.later, func() {
		Label(f.name + "Opaque")
		opaque()
		JMP(LabelRef(f.name + "Next"))
	})
}

func lumaBlend(t tables) {
	f := newSpans(t, "lumaBlendKernel", false)
	f.run(func(mask VecVirtual) {
		as, at := f.coarse(f.s), f.coarse(f.t)
		ao := f.place(as, at, jobAlphaW, jobAlphaLast, mask)
		o := f.place(f.s, f.t, jobW, jobLast, mask)
		f.kind(ao, func() {
			old := f.load(f.p, "Whole")
			f.store(f.p, f.luma(o), old, mask, "Whole")
		})
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
		both := func(tag string, over func(old, src VecVirtual) VecVirtual) {
			quads := f.gather(o, 4, f.plane(jobTex), f.plane(jobTex2))
			for i, p := range []GPVirtual{f.p, f.q} {
				tag := tag + []string{"U", "V"}[i]
				old := f.load(p, tag)
				f.store(p, over(old, f.bilinear(quads[i], f.s, f.t)), old, mask, tag)
			}
		}
		plain := func(_, src VecVirtual) VecVirtual { return src }
		if opaque {
			both("", plain)
			return
		}
		f.kind(o, func() { both("Whole", plain) })
		quads := f.quads(jobAlpha, o)
		f.seen(quads, mask)
		weights := f.opacity(f.bilinear(quads, f.s, f.t))
		both("", func(old, src VecVirtual) VecVirtual { return f.mix(old, src, weights) })
	})
}
