package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets in portrait.regionJob, which a test of that package compares.
const (
	regY, regU, regV               = 0, 8, 16
	regDst, regPlane, regEdge      = 24, 32, 40
	regWidth, regTaps              = 48, 56
	regOX, regOY, regUX, regUY     = 64, 68, 72, 76
	regBase, regSign, regWeight    = 80, 84, 88
	regAcross, regDown             = 96, 112
	lumaRange, chromaSpan          = 219.0, 224.0
	rFromV, gFromU, gFromV, bFromU = 1.402, -0.344136, -0.714136, 1.772
)

// region is the kernel of Region.Read: one row of a region that lies inside the picture, eight pixels at a time.
type region struct {
	job             GPVirtual
	half, one, zero Mem
	low             Mem
}

func readRegion() {
	r := &region{half: float("half", 0.5), one: float("one", 1), zero: float("zero", 0), low: words("low", 255)}
	lanes, luma, chroma := words("lanes", 0, 1, 2, 3, 4, 5, 6, 7), float("luma", 1/lumaRange), float("chroma", 1/chromaSpan)
	black, grey := float("black", 16), float("grey", 128)
	factors := [...]Mem{float("rFromV", rFromV), float("gFromU", gFromU), float("gFromV", gFromV), float("bFromU", bFromU)}

	TEXT("readRowKernel", attr.NOSPLIT, "func(j *byte)")
	r.job = Load(Param("j"), GP64()).(GPVirtual)
	i, a, b := GP64(), GP64(), GP64()
	XORQ(i, i)
	Label("eight")
	y, u, v := YMM(), YMM(), YMM()
	for _, sum := range []VecVirtual{y, u, v} {
		VPXOR(sum, sum, sum)
	}
	XORQ(a, a)
	Label("down")
	XORQ(b, b)
	Label("across")
	px, py := r.where(lanes, i, a, b)
	VMULPS(r.half, px, px)
	VMULPS(r.half, py, py)
	cx, cy := px, py
	lx, ly := YMM(), YMM()
	// Twice a half is what it was: both are exact.
	VADDPS(px, px, lx)
	VADDPS(py, py, ly)
	w := GP64()
	MOVQ(at(r.job, regWidth), w)
	o, fx, fy := r.split(lx, ly, w)
	VADDPS(r.lerp(regY, o, w, fx, fy), y, y)
	SHRQ(Imm(1), w)
	o, fx, fy = r.split(cx, cy, w)
	VADDPS(r.lerp(regU, o, w, fx, fy), u, u)
	VADDPS(r.lerp(regV, o, w, fx, fy), v, v)
	INCQ(b)
	CMPQ(b, at(r.job, regTaps))
	JL(LabelRef("across"))
	INCQ(a)
	CMPQ(a, at(r.job, regTaps))
	JL(LabelRef("down"))
	weight := spread(r.job, regWeight)
	for k, sum := range []VecVirtual{y, u, v} {
		VMULPS(weight, sum, sum)
		if k == 0 {
			VSUBPS(black, sum, sum)
			VMULPS(luma, sum, sum)
		} else {
			VSUBPS(grey, sum, sum)
			VMULPS(chroma, sum, sum)
		}
	}
	dst, plane := GP64(), GP64()
	MOVQ(at(r.job, regDst), dst)
	LEAQ(Mem{Base: dst, Index: i, Scale: 4}, dst)
	MOVQ(at(r.job, regPlane), plane)
	red, green, t := YMM(), YMM(), YMM()
	VMULPS(factors[0], v, red)
	VADDPS(red, y, red)
	r.put(red, dst)
	VMULPS(factors[1], u, green)
	VADDPS(green, y, green)
	VMULPS(factors[2], v, t)
	VADDPS(t, green, green)
	LEAQ(Mem{Base: dst, Index: plane, Scale: 4}, dst)
	r.put(green, dst)
	VMULPS(factors[3], u, t)
	VADDPS(t, y, t)
	LEAQ(Mem{Base: dst, Index: plane, Scale: 4}, dst)
	r.put(t, dst)
	ADDQ(Imm(8), i)
	CMPQ(i, at(r.job, regEdge))
	JL(LabelRef("eight"))
	VZEROUPPER()
	RET()
}

// where is Alignment.At for eight pixels from column i on, at the tap (a, b).
func (r *region) where(lanes Mem, i, a, b GPVirtual) (x, y VecVirtual) {
	fi, fj, t := YMM(), YMM(), YMM()
	VMOVD(i.As32(), fi.AsX())
	VPBROADCASTD(fi.AsX(), fi)
	VPADDD(lanes, fi, fi)
	VCVTDQ2PS(fi, fi)
	VBROADCASTSS(Mem{Base: r.job, Disp: regAcross, Index: b, Scale: 4}, t)
	VADDPS(t, fi, fi)
	VMULPS(spread(r.job, regSign), fi, fi)
	VADDPS(spread(r.job, regBase), fi, fi)
	VBROADCASTSS(Mem{Base: r.job, Disp: regDown, Index: a, Scale: 4}, fj)
	x, y = YMM(), YMM()
	ux, uy := spread(r.job, regUX), spread(r.job, regUY)
	VMULPS(ux, fi, x)
	VADDPS(spread(r.job, regOX), x, x)
	VMULPS(uy, fj, t)
	VSUBPS(t, x, x)
	VMULPS(uy, fi, y)
	VADDPS(spread(r.job, regOY), y, y)
	VMULPS(ux, fj, t)
	VADDPS(t, y, y)
	return x, y
}

// split makes places relative to the first pixel's centre, and of them offsets in a plane w wide and fractions.
func (r *region) split(x, y VecVirtual, w GPVirtual) (o, fx, fy VecVirtual) {
	fx, fy = YMM(), YMM()
	VSUBPS(r.half, x, fx)
	VSUBPS(r.half, y, fy)
	i, j, t := YMM(), YMM(), YMM()
	VCVTTPS2DQ(fx, i)
	VCVTDQ2PS(i, t)
	VSUBPS(t, fx, fx)
	VCVTTPS2DQ(fy, j)
	VCVTDQ2PS(j, t)
	VSUBPS(t, fy, fy)
	VMOVD(w.As32(), t.AsX())
	VPBROADCASTD(t.AsX(), t)
	VPMULLD(t, j, j)
	VPADDD(i, j, j)
	return j, fx, fy
}

// lerp is inner.
func (r *region) lerp(plane int, o VecVirtual, w GPVirtual, fx, fy VecVirtual) VecVirtual {
	base := GP64()
	MOVQ(at(r.job, plane), base)
	top := r.between(base, o, fx)
	ADDQ(w, base)
	low := r.between(base, o, fx)
	VSUBPS(top, low, low)
	VMULPS(fy, low, low)
	VADDPS(low, top, top)
	return top
}

// between reads two neighbours at each offset and what lies between them.
func (r *region) between(base GPVirtual, o, fx VecVirtual) VecVirtual {
	v, m, p, q := YMM(), YMM(), YMM(), YMM()
	VPCMPEQD(m, m, m)
	VPXOR(v, v, v)
	VPGATHERDD(m, Mem{Base: base, Index: o, Scale: 1}, v)
	VPAND(r.low, v, p)
	VCVTDQ2PS(p, p)
	VPSRLD(Imm(8), v, q)
	VPAND(r.low, q, q)
	VCVTDQ2PS(q, q)
	VSUBPS(p, q, q)
	VMULPS(fx, q, q)
	VADDPS(q, p, p)
	return p
}

// put writes v within 0..1.
func (r *region) put(v VecVirtual, dst GPVirtual) {
	VMAXPS(r.zero, v, v)
	VMINPS(r.one, v, v)
	VMOVUPS(v, Mem{Base: dst})
}

// unitBytes is the kernel that turns n bytes, a multiple of eight, into numbers of 0..1.
func unitBytes() {
	k := float("byte", 1.0/255)
	TEXT("unitBytesKernel", attr.NOSPLIT, "func(dst *float32, src *byte, n int)")
	dst := Load(Param("dst"), GP64()).(GPVirtual)
	src := Load(Param("src"), GP64()).(GPVirtual)
	n := Load(Param("n"), GP64()).(GPVirtual)
	Label("more")
	v := YMM()
	VPMOVZXBD(Mem{Base: src}, v)
	VCVTDQ2PS(v, v)
	VMULPS(k, v, v)
	VMOVUPS(v, Mem{Base: dst})
	ADDQ(Imm(8), src)
	ADDQ(Imm(32), dst)
	SUBQ(Imm(8), n)
	JG(LabelRef("more"))
	VZEROUPPER()
	RET()
}
