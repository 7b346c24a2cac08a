package main

import "fmt"

// where are offsets in a plane of eight pixels, all within it, and bytes that say which were so.
type where struct {
	offsets [2]vec
	within  vec
}

// place is where (s, t) lies in a plane; what lies outside of it is put at its end.
func (f *spans) place(s, t places, g grid) (w where) {
	var mask [2]vec
	for i := range w.offsets {
		o, m := f.vec(), f.vec()
		f.vshift(sshr, s4, m, t[i], 16)
		f.v3(mul, s4, m, m, g.w)
		f.vshift(ssra, s4, m, s[i], 16)
		f.v3(umin, s4, o, m, g.last)
		f.v3(cmeq, s4, m, m, o)
		w.offsets[i], mask[i] = o, m
	}
	w.within = f.narrowed(mask)
	return w
}

// narrowed makes bytes of eight masks of 32 bits, in the register of the first, and gives the other back.
func (f *spans) narrowed(mask [2]vec) vec {
	f.pick("VUZP1", h8, mask[0], mask[0], mask[1])
	f.narrow(xtn, b8, mask[0], mask[0])
	f.free(mask[1])
	return mask[0]
}

// inSpan leaves of a mask of bytes what is in the span, and leaves paint where that is nothing.
func (f *spans) inSpan(mask vec) {
	defer f.scope()()
	eight, left := f.reg(), f.reg()
	f.op("MOVD", "$8", eight)
	f.op("CMP", eight, f.n)
	f.op("CSEL", "LT", f.n, eight, left)
	v := f.spread(left, b8)
	f.v3(cmgt, b8, v, v, f.bytes)
	f.bits("VAND", mask, mask, v)
	f.unlessNone(mask)
}

// unlessNone leaves paint where a mask names no pixel.
func (f *spans) unlessNone(mask vec) {
	defer f.scope()()
	r := f.reg()
	f.op("VMOV", lane(mask, 'D', 0), r)
	f.op("CBZ", r, f.name+"Next")
}

// gather reads at each offset times 1<<scale from each base as many bytes as width says: with S there are two registers of a base.
func (f *spans) gather(o [2]vec, scale int, width byte, bases ...reg) (all [][]vec) {
	for range bases {
		v := []vec{f.vec()}
		if width == 'S' {
			v = append(v, f.vec())
		}
		all = append(all, v)
	}
	defer f.scope()()
	low, high, from := f.reg(), f.reg(), f.reg()
	for i := range 4 {
		f.op("VMOV", lane(o[i/2], 'D', i%2), low)
		f.op("LSR", "$32", low, high)
		for k, base := range bases {
			for n, index := range []string{low.String() + ".UXTW", high.String()} {
				pixel := 2*i + n
				if n == 0 || scale > 0 {
					index += fmt.Sprintf("<<%d", scale)
				}
				f.op("ADD", index, base, from)
				v, lanes := all[k][0], 8
				if width == 'S' {
					v, lanes = all[k][pixel/4], 4
				}
				if pixel%lanes == 0 { // all of the register, so that none waits for what was in it
					f.op("VLD1R", to(from), list(shape{16 / map[byte]int{'B': 1, 'H': 2, 'S': 4}[width], width}, v))
					continue
				}
				f.op("VLD1", to(from), lane(v, width, pixel%lanes))
			}
		}
	}
	return all
}

// fraction is that of places, as bytes, twice over.
func (f *spans) fraction(p places) vec {
	v := f.vec()
	f.pick("VUZP1", h8, v, p[0], p[1])
	f.pick("VUZP2", b16, v, v, v)
	return v
}

// words are bytes as words.
func (f *spans) words(v vec) vec {
	w := f.vec()
	f.unsigned(b8, w, v, 0)
	return w
}

// bilinear is what texmap's is: q holds neighbourhoods, x the fractions along their rows as bytes, y those across as words. What
// comes of it, words, takes the place of the first of q; the other is given back.
func (f *spans) bilinear(q []vec, x, y vec) vec {
	upper := f.vec()
	f.pick("VUZP1", h8, upper, q[0], q[1])
	f.pick("VUZP2", h8, q[0], q[0], q[1])
	f.free(q[1])
	return f.between(upper, q[0], x, y)
}

// between is bilinear of rows that lie apart: each holds two neighbours of each pixel. What comes of it takes the place of the lower
// one; the upper one is given back.
func (f *spans) between(upper, lower, x, y vec) vec {
	left, right, first, second := f.vec(), upper, lower, f.vec()
	f.pick("VUZP1", b16, left, upper, lower)
	f.pick("VUZP2", b16, right, upper, lower)
	// A mean of a and b is a*256 + b*x - a*x: what is too much on the way comes back.
	for i, s := range []shape{b8, b16} {
		mean := []vec{first, second}[i]
		f.shiftedLeft(s, mean, left)
		f.vlong(umlal, s, mean, right, x)
		f.vlong(umlsl, s, mean, left, x)
	}
	sums := [2]vec{left, right}
	for i, s := range []shape{h4, h8} {
		f.unsigned(s, sums[i], first, 8)
		f.vlong(umlal, s, sums[i], second, y)
		f.vlong(umlsl, s, sums[i], first, y)
	}
	f.vnarrow(rshrn, h4, lower, sums[0], 16)
	f.vnarrow(rshrn, h8, lower, sums[1], 16)
	f.free(left, right, second)
	return lower
}

// opacity lowers a, words, by fade and makes it 0..256.
func (f *spans) opacity(a, fade vec) vec {
	f.v3(mul, h8, a, a, fade)
	f.ushr(h8, a, a, 8)
	f.op("VUSRA", "$7", h8.of(a), h8.of(a))
	return a
}

// mix is texmap's Mix of old, bytes, and src, words, into src as bytes.
func (f *spans) mix(old, src, opacity vec) {
	sum, o := f.vec(), f.vec()
	f.shiftedLeft(b8, sum, old)
	f.unsigned(b8, o, old, 0)
	f.v3(mla, h8, sum, src, opacity)
	f.v3(mls, h8, sum, o, opacity)
	f.vnarrow(rshrn, b8, src, sum, 8)
	f.free(sum, o)
}

// load reads eight pixels at p, or those that are left of the row: behind it others may be drawing.
func (f *spans) load(p reg, tag string) vec {
	v := f.vec()
	f.jump("BLT", "$8", f.width, "Short"+tag)
	f.op("VLD1", to(p), list(b8, v))
	f.label(f.name + "Loaded" + tag)
	i, bits, b := f.spare[0], f.spare[1], f.spare[2]
	f.later = append(f.later, func() {
		f.label(f.name + "Short" + tag)
		f.op("MOVD", "$0", bits)
		f.op("MOVD", f.n, i)
		f.label(f.name + "ShortLoop" + tag)
		f.op("SUB", "$1", i)
		f.op("MOVBU", fmt.Sprintf("(%s)(%s)", p, i), b)
		f.op("ORR", bits.String()+"<<8", b, bits)
		f.op("CBNZ", i, f.name+"ShortLoop"+tag)
		f.op("VMOV", bits, lane(v, 'D', 0))
		f.op("B", f.name+"Loaded"+tag)
	})
	return v
}

// store writes those bytes of v that the mask names, and old elsewhere.
func (f *spans) store(p reg, v, old, mask vec, tag string) {
	f.bits("VBIT", old, v, mask)
	f.jump("BLT", "$8", f.width, "Brief"+tag)
	f.op("VST1", list(b8, old), to(p))
	f.label(f.name + "Stored" + tag)
	i, bits := f.spare[0], f.spare[1]
	f.later = append(f.later, func() {
		f.label(f.name + "Brief" + tag)
		f.op("VMOV", lane(old, 'D', 0), bits)
		f.op("MOVD", "$0", i)
		f.label(f.name + "BriefLoop" + tag)
		f.op("MOVB", bits, fmt.Sprintf("(%s)(%s)", p, i))
		f.op("LSR", "$8", bits)
		f.op("ADD", "$1", i)
		f.jump("BLT", f.n, i, "BriefLoop"+tag)
		f.op("B", f.name+"Stored"+tag)
	})
}
