package main

// sums are what the kernels of a Difference read: words of what adds nothing, and of the least and the most that samples may be.
type sums struct{ none, least, most vec }

func (f *spans) newSums(most int) sums {
	return sums{f.every(128, h8), f.every(16, h8), f.every(most, h8)}
}

// add is texmap's added: what src, words, is beyond none comes to old, bytes; src becomes that, as bytes.
func (f *spans) add(c *sums, old, src vec) {
	v := f.vec()
	f.unsigned(b8, v, old, 0)
	f.v3(add, h8, src, src, v)
	f.v3(sub, h8, src, src, c.none)
	f.v3(smax, h8, src, src, c.least)
	f.v3(smin, h8, src, src, c.most)
	f.narrow(xtn, b8, src, src)
	f.free(v)
}

func lumaAdd(a *asm) {
	f := newSpans(a, "lumaAddKernel", false)
	g, c, upper, lower := f.grid(jobW, jobLast), f.newSums(235), f.pointer(jobTex), f.reg()
	f.op("MOVW", at(f.job, jobW), lower)
	f.op("ADD", upper, lower)
	f.run(func() {
		w := f.place(f.s, f.t, g)
		f.inSpan(w.within)
		rows := f.gather(w.offsets, 0, 'H', upper, lower)
		x, y := f.fraction(f.s), f.words(f.fraction(f.t))
		src, old := f.between(rows[0][0], rows[1][0], x, y), f.load(f.p, "")
		f.add(&c, old, src)
		f.store(f.p, src, old, w.within, "")
	})
}

func chromaAdd(a *asm) {
	f := newSpans(a, "chromaAddKernel", true)
	g, c, half := f.grid(jobW, jobLast), f.newSums(240), f.every(1<<15, s4)
	texU, texV := f.pointer(jobTex), f.pointer(jobTex2)
	f.run(func() {
		var s, t places
		for i := range s {
			s[i], t[i] = f.vec(), f.vec()
			f.v3(add, s4, s[i], f.s[i], half)
			f.v3(add, s4, t[i], f.t[i], half)
		}
		w := f.place(s, t, g)
		f.inSpan(w.within)
		for i, texels := range f.gather(w.offsets, 0, 'B', texU, texV) {
			p, tag := []reg{f.p, f.q}[i], []string{"U", "V"}[i]
			src, old := texels[0], f.load(p, tag)
			f.unsigned(b8, src, src, 0)
			f.add(&c, old, src)
			f.store(p, src, old, w.within, tag)
		}
	})
}
