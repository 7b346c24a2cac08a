package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// sums are what the kernels of a Difference read beside the tables of all spans.
type sums struct{ middle, black, halfTexel, low Mem }

func newSums() sums {
	return sums{middle: words("middle", 128), black: words("darkest", 16), halfTexel: words("halfTexel", 1<<15), low: words("lowByte", 255)}
}

// add is texmap's added: what src is beyond the middle comes to old, most at most.
func (c *sums) add(old, src VecVirtual, most Mem) VecVirtual {
	v := YMM()
	VPADDD(src, old, v)
	VPSUBD(c.middle, v, v)
	VPMAXSD(c.black, v, v)
	VPMINSD(most, v, v)
	return v
}

// twoRows reads the neighbourhoods of a rowPlane.
func (f *spans) twoRows(o VecVirtual) VecVirtual {
	upper, below := f.plane(jobTex), GP64()
	MOVLQSX(at(f.job, jobW), below)
	ADDQ(upper, below)
	rows := f.gather(o, 1, upper, below)
	VPSLLD(Imm(16), rows[1], rows[1])
	VPBLENDW(Imm(0xaa), rows[1], rows[0], rows[0])
	return rows[0]
}

func lumaAdd(t tables, c sums) {
	white := words("white", 235)
	f := newSpans(t, "lumaAddKernel", false)
	f.run(func(mask VecVirtual) {
		o := f.place(f.s, f.t, jobW, jobLast, mask)
		old := f.load(f.p, "")
		src := f.bilinear(f.twoRows(o), f.s, f.t)
		f.store(f.p, c.add(old, src, white), old, mask, "")
	})
}

func chromaAdd(t tables, c sums) {
	most := words("mostChroma", 240)
	f := newSpans(t, "chromaAddKernel", true)
	f.run(func(mask VecVirtual) {
		s, v := YMM(), YMM()
		VPADDD(c.halfTexel, f.s, s)
		VPADDD(c.halfTexel, f.t, v)
		o := f.place(s, v, jobW, jobLast, mask)
		texels := f.gather(o, 1, f.plane(jobTex), f.plane(jobTex2))
		for i, p := range []GPVirtual{f.p, f.q} {
			tag := []string{"U", "V"}[i]
			old, src := f.load(p, tag), texels[i]
			VPAND(c.low, src, src)
			f.store(p, c.add(old, src, most), old, mask, tag)
		}
	})
}
