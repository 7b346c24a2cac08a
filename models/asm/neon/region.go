package main

// Offsets in portrait.regionJob, which a test of that package compares.
const (
	regY, regU, regV    = 0, 8, 16
	regDst, regPlane    = 24, 32
	regEdge, regWidth   = 40, 48
	regTaps             = 56
	regPlace            = 64 // the alignment's ox, oy, ux and uy, then base, sign and weight
	regAcross, regDown  = 96, 112
	lumaRange, span     = 219.0, 224.0
	rFromV, gFromU      = 1.402, -0.344136
	gFromV, bFromU      = -0.714136, 1.772
	laneUX, laneUY      = 2, 3 // of regPlace, then of what follows
	laneSign, laneTimes = 1, 2
)

// region is the kernel of Region.Read: one row of a region that lies inside the picture, four pixels at a time.
type region struct {
	*asm
	job                         reg
	place, more, ox, oy, base   vec
	half, lanes, low            vec
	black, grey, scales, factor vec
}

// plane is what is read of planes of one size: their width, also as a vector.
type plane struct {
	w     reg
	wide  vec
	bases []int
	sums  []vec
}

func readRegion(a *asm) {
	job := a.function("readRowKernel", "(j *byte)", 0, "j")[0]
	r := &region{asm: a, job: job, place: a.vec(), more: a.vec(), half: a.float(0.5), lanes: a.count(0, 1), low: a.every(255, h8)}
	r.black, r.grey, r.scales = a.float(16), a.float(128), a.floats(1/lumaRange, 1/span)
	r.factor = a.floats(rFromV, gFromU, gFromV, bFromU)
	i, down, across, taps, edge := a.reg(), a.reg(), a.reg(), a.reg(), a.reg()
	a.op("ADD", number(regPlace), job, i)
	a.op("VLD1", to(i), list(s4, r.place, r.more))
	r.ox, r.oy, r.base = r.all(r.place, 0), r.all(r.place, 1), r.all(r.more, 0)
	y, u, v := a.vec(), a.vec(), a.vec()
	luma := plane{w: a.reg(), bases: []int{regY}, sums: []vec{y}}
	chroma := plane{w: a.reg(), bases: []int{regU, regV}, sums: []vec{u, v}}
	a.op("MOVD", at(job, regWidth), luma.w)
	a.op("LSR", "$1", luma.w, chroma.w)
	luma.wide, chroma.wide = a.spread(luma.w, s4), a.spread(chroma.w, s4)
	a.op("MOVD", at(job, regTaps), taps)
	a.op("MOVD", at(job, regEdge), edge)
	dst := a.reg()
	a.op("MOVD", at(job, regDst), dst)
	a.op("MOVD", "$0", i)

	a.label("four")
	for _, sum := range []vec{y, u, v} {
		a.bits("VEOR", sum, sum, sum)
	}
	a.op("MOVD", "$0", down)
	a.label("down")
	a.op("MOVD", "$0", across)
	a.label("across")
	r.tap(i, across, down, &luma, &chroma)
	a.op("ADD", "$1", across)
	a.op("CMP", taps, across)
	a.op("BLT", "across")
	a.op("ADD", "$1", down)
	a.op("CMP", taps, down)
	a.op("BLT", "down")
	r.colours(y, u, v, dst)
	a.op("ADD", "$16", dst)
	a.op("ADD", "$4", i)
	a.op("CMP", edge, i)
	a.op("BLT", "four")
	a.op("RET")
}

// all is a new register that has in all lanes what v has in one.
func (r *region) all(v vec, i int) vec {
	out := r.vec()
	r.op("VDUP", lane(v, 'S', i), s4.of(out))
	return out
}

// tap adds one sample of each pixel.
func (r *region) tap(i, across, down reg, planes ...*plane) {
	defer r.scope()()
	x, y := r.where(i, across, down)
	for k, p := range planes {
		if k > 0 {
			r.v3(fmul, s4, x, x, r.half)
			r.v3(fmul, s4, y, y, r.half)
		}
		r.sample(p, x, y)
	}
}

// where is Alignment.At for four pixels from column i on, at a tap.
func (r *region) where(i, across, down reg) (x, y vec) {
	x, y = r.vec(), r.vec()
	defer r.scope()()
	fi, fj, t := r.spread(i, s4), r.vec(), r.vec()
	r.v3(add, s4, fi, fi, r.lanes)
	r.v2(scvtf, s4, fi, fi)
	for _, tap := range []struct {
		k      reg
		offset int
		v      vec
	}{{across, regAcross, t}, {down, regDown, fj}} {
		p := r.reg()
		r.op("ADD", tap.k.String()+"<<2", r.job, p)
		r.op("ADD", number(tap.offset), p)
		r.op("VLD1R", to(p), list(s4, tap.v))
	}
	r.v3(fadd, s4, fi, fi, t)
	r.times(fi, fi, r.more, laneSign)
	r.v3(fadd, s4, fi, fi, r.base)
	r.times(x, fi, r.place, laneUX)
	r.v3(fadd, s4, x, x, r.ox)
	r.times(t, fj, r.place, laneUY)
	r.v3(fsub, s4, x, x, t)
	r.times(y, fi, r.place, laneUY)
	r.v3(fadd, s4, y, y, r.oy)
	r.times(t, fj, r.place, laneUX)
	r.v3(fadd, s4, y, y, t)
	return x, y
}

// sample adds what planes hold at places, which are relative to the picture's corner.
func (r *region) sample(p *plane, x, y vec) {
	defer r.scope()()
	fx, i := r.split(x)
	fy, j := r.split(y)
	r.v3(mla, s4, i, j, p.wide)
	r.free(j)
	var offsets [4]reg
	for k := range offsets {
		offsets[k] = r.reg()
		r.op("VMOV", lane(i, 'S', k), offsets[k])
	}
	r.free(i)
	base, from := r.reg(), r.reg()
	for k, at := range p.bases {
		r.op("MOVD", r.field64(at), base)
		r.lerp(p.sums[k], base, from, p.w, offsets, fx, fy)
	}
}

func (r *region) field64(offset int) string { return at(r.job, offset) }

// split makes places relative to the first pixel's centre, and of them whole numbers and fractions.
func (r *region) split(v vec) (fraction, whole vec) {
	fraction, whole = r.vec(), r.vec()
	t := r.vec()
	r.v3(fsub, s4, fraction, v, r.half)
	r.v2(fcvtzs, s4, whole, fraction)
	r.v2(scvtf, s4, t, whole)
	r.v3(fsub, s4, fraction, fraction, t)
	r.free(t)
	return fraction, whole
}

// lerp adds to sum what inner reads: two neighbours at each offset in a row and in the one below it, and what lies between them.
func (r *region) lerp(sum vec, base, from, w reg, offsets [4]reg, fx, fy vec) {
	defer r.scope()()
	pairs, right := r.vec(), r.vec()
	for k, o := range offsets {
		r.op("ADD", o, base, from)
		r.op("VLD1", to(from), lane(pairs, 'H', k))
		r.op("ADD", w, from)
		r.op("VLD1", to(from), lane(pairs, 'H', 4+k))
	}
	r.ushr(h8, right, pairs, 8)
	r.bits("VAND", pairs, pairs, r.low)
	var rows [2]vec
	for k, s := range []shape{h4, h8} {
		rows[k] = r.vec()
		p, q := rows[k], r.vec()
		r.unsigned(s, p, pairs, 0)
		r.v2(ucvtf, s4, p, p)
		r.unsigned(s, q, right, 0)
		r.v2(ucvtf, s4, q, q)
		r.v3(fsub, s4, q, q, p)
		r.v3(fmul, s4, q, q, fx)
		r.v3(fadd, s4, p, p, q)
		r.free(q)
	}
	top, low := rows[0], rows[1]
	r.v3(fsub, s4, low, low, top)
	r.v3(fmul, s4, low, low, fy)
	r.v3(fadd, s4, top, top, low)
	r.v3(fadd, s4, sum, sum, top)
}

// colours makes red, green and blue of sums and writes them from dst on, each into its plane.
func (r *region) colours(y, u, v vec, dst reg) {
	defer r.scope()()
	for k, sum := range []vec{y, u, v} {
		r.times(sum, sum, r.more, laneTimes)
		r.v3(fsub, s4, sum, sum, []vec{r.black, r.grey, r.grey}[k])
		r.times(sum, sum, r.scales, min(k, 1))
	}
	one, zero, t, out, p, plane := r.float(1), r.vec(), r.vec(), r.vec(), r.reg(), r.reg()
	r.bits("VEOR", zero, zero, zero)
	put := func() {
		r.v3(fmax, s4, out, out, zero)
		r.v3(fmin, s4, out, out, one)
		r.op("VST1", list(s4, out), to(p))
		r.op("ADD", plane.String()+"<<2", p)
	}
	r.op("MOVD", at(r.job, regPlane), plane)
	r.op("MOVD", dst, p)
	r.times(t, v, r.factor, 0)
	r.v3(fadd, s4, out, y, t)
	put()
	r.times(t, u, r.factor, 1)
	r.v3(fadd, s4, out, y, t)
	r.times(t, v, r.factor, 2)
	r.v3(fadd, s4, out, out, t)
	put()
	r.times(t, u, r.factor, 3)
	r.v3(fadd, s4, out, y, t)
	put()
}

// unitBytes is the kernel that turns n bytes, a multiple of eight, into numbers of 0..1.
func unitBytes(a *asm) {
	r := a.function("unitBytesKernel", "(dst *float32, src *byte, n int)", 0, "dst", "src", "n")
	dst, src, n := r[0], r[1], r[2]
	k, words, low, high := a.float(1.0/255), a.vec(), a.vec(), a.vec()
	a.label("more")
	a.op("VLD1.P", at(src, 8), list(b8, words))
	a.unsigned(b8, words, words, 0)
	a.unsigned(h4, low, words, 0)
	a.unsigned(h8, high, words, 0)
	for _, v := range []vec{low, high} {
		a.v2(ucvtf, s4, v, v)
		a.v3(fmul, s4, v, v, k)
	}
	a.op("VST1.P", list(s4, low, high), at(dst, 32))
	a.op("SUBS", "$8", n)
	a.op("BGT", "more")
	a.op("RET")
}
