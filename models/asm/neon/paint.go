package main

func lumaOpaque(a *asm) {
	f := newSpans(a, "lumaOpaqueKernel", false)
	g, tex := f.grid(jobW, jobLast), f.pointer(jobTex)
	f.run(func() {
		w := f.place(f.s, f.t, g)
		f.inSpan(w.within)
		f.paintLuma(w, tex, "")
	})
}

// luma reads a lumaPlane and samples it: its neighbourhoods lie column by column.
func (f *spans) luma(o [2]vec, tex reg) vec {
	q := f.gather(o, 1, 'S', tex)[0]
	across, along := f.fraction(f.t), f.words(f.fraction(f.s))
	return f.bilinear(q, across, along)
}

// paintLuma lays what is at places over what is drawn.
func (f *spans) paintLuma(w where, tex reg, tag string) {
	defer f.scope()()
	src := f.luma(w.offsets, tex)
	f.narrow(xtn, b8, src, src)
	f.store(f.p, src, f.load(f.p, tag), w.within, tag)
}

// blend is what kernels need that lay something over with an opacity.
type blend struct {
	alpha, kinds, i reg
	fade            vec // words
}

func (f *spans) newBlend() blend {
	b := blend{alpha: f.pointer(jobAlpha), kinds: f.pointer(jobKinds), i: f.reg()}
	f.op("MOVW", at(f.job, jobFade), b.i)
	b.fade = f.spread(b.i, h8)
	return b
}

// kind looks up what opacity there is around the first of eight pixels, whose offset is o's first: where there is none, it leaves
// paint, and where all is opaque, it goes to opaque, which paints what paint would.
func (f *spans) kind(b *blend, o vec, opaque func()) {
	f.op("CBZ", b.kinds, f.name+"Mixed")
	f.op("VMOV", lane(o, 'S', 0), b.i)
	f.op("MOVBU", "("+b.kinds.String()+")("+b.i.String()+")", b.i)
	f.op("CBZ", b.i, f.name+"Next")
	f.op("CMP", "$2", b.i)
	f.op("BNE", f.name+"Mixed")
	f.op("MOVW", at(f.job, jobFade), b.i)
	f.op("CMP", "$256", b.i)
	f.op("BEQ", f.name+"Opaque")
	f.label(f.name + "Mixed")
	vecs, regs := f.vecs, f.regs
	f.later = append(f.later, func() {
		defer f.scope()()
		f.vecs, f.regs = vecs, regs
		f.label(f.name + "Opaque")
		opaque()
		f.op("B", f.name+"Next")
	})
}

// seen reads opacities around offsets, leaves of the mask what is not 0 there, and leaves paint where that is nothing.
func (f *spans) seen(b *blend, o [2]vec, mask vec) (quads []vec) {
	quads = f.gather(o, 2, 'S', b.alpha)[0]
	some := [2]vec{f.vec(), f.vec()}
	for i, q := range quads {
		f.v3(cmtst, s4, some[i], q, q)
	}
	seen := f.narrowed(some)
	f.bits("VAND", mask, mask, seen)
	f.free(seen)
	f.unlessNone(mask)
	return quads
}

func lumaBlend(a *asm) {
	f := newSpans(a, "lumaBlendKernel", false)
	g, tex, b := f.grid(jobW, jobLast), f.pointer(jobTex), f.newBlend()
	alpha, quarter := f.grid(jobAlphaW, jobAlphaLast), f.every(1<<14, s4)
	f.run(func() {
		s, t := f.coarse(f.s, quarter), f.coarse(f.t, quarter)
		o := f.place(s, t, alpha)
		x, y := f.fraction(s), f.fraction(t)
		f.free(s[0], s[1], t[0], t[1])
		w := f.place(f.s, f.t, g)
		f.bits("VAND", w.within, w.within, o.within)
		f.free(o.within)
		f.inSpan(w.within)
		f.kind(&b, o.offsets[0], func() { f.paintLuma(w, tex, "Whole") })
		quads := f.seen(&b, o.offsets, w.within)
		f.free(o.offsets[0], o.offsets[1])
		f.unsigned(b8, y, y, 0)
		opacity := f.opacity(f.bilinear(quads, x, y), b.fade)
		f.free(x, y)
		src, old := f.luma(w.offsets, tex), f.load(f.p, "")
		f.mix(old, src, opacity)
		f.store(f.p, src, old, w.within, "")
	})
}

// coarse is places in the opacity of a texture, which is half as fine as its luma.
func (f *spans) coarse(p places, quarter vec) (c places) {
	for i := range c {
		c[i] = f.vec()
		f.vshift(sshr, s4, c[i], p[i], 1)
		f.v3(sub, s4, c[i], c[i], quarter)
	}
	return c
}

func chromaOpaque(a *asm) {
	f := newSpans(a, "chromaOpaqueKernel", true)
	g, texU, texV := f.grid(jobW, jobLast), f.pointer(jobTex), f.pointer(jobTex2)
	f.run(func() {
		w := f.place(f.s, f.t, g)
		f.inSpan(w.within)
		x, y := f.fraction(f.s), f.words(f.fraction(f.t))
		f.paintChroma(w, x, y, nil, "", texU, texV)
	})
}

// paintChroma lays what is at places over what is drawn in both planes, with an opacity or none.
func (f *spans) paintChroma(w where, x, y vec, opacity *vec, tag string, tex ...reg) {
	defer f.scope()()
	for i, quads := range f.gather(w.offsets, 2, 'S', tex...) {
		p, tag := []reg{f.p, f.q}[i], tag+[]string{"U", "V"}[i]
		src, old := f.bilinear(quads, x, y), f.load(p, tag)
		if opacity == nil {
			f.narrow(xtn, b8, src, src)
		} else {
			f.mix(old, src, *opacity)
		}
		f.store(p, src, old, w.within, tag)
		f.free(src, old)
	}
}

func chromaBlend(a *asm) {
	f := newSpans(a, "chromaBlendKernel", true)
	g, texU, texV, b := f.grid(jobW, jobLast), f.pointer(jobTex), f.pointer(jobTex2), f.newBlend()
	f.run(func() {
		w := f.place(f.s, f.t, g)
		f.inSpan(w.within)
		x, y := f.fraction(f.s), f.words(f.fraction(f.t))
		f.kind(&b, w.offsets[0], func() { f.paintChroma(w, x, y, nil, "Whole", texU, texV) })
		opacity := f.opacity(f.bilinear(f.seen(&b, w.offsets, w.within), x, y), b.fade)
		f.paintChroma(w, x, y, &opacity, "", texU, texV)
	})
}
