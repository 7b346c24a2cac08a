package main

import "fmt"

// Offsets in texmap.job, which a test of that package compares.
const (
	jobDst, jobDst2, jobTex, jobTex2, jobAlpha      = 0, 8, 16, 24, 32
	jobStride, jobFrom, jobTo                       = 40, 48, 56
	jobX0, jobY0, jobX1, jobY1                      = 64, 68, 72, 76
	jobLong, jobUpper, jobLower                     = 84, 88, 92
	jobGX, jobGY, jobS, jobT                        = 96, 104, 112, 116
	jobDsDx, jobDsDy, jobDtDx, jobDtDy              = 120, 124, 128, 132
	jobW, jobLast, jobAlphaW, jobAlphaLast, jobFade = 136, 140, 144, 148, 152
	jobKinds                                        = 160
)

// Where the plan of four rows has their first columns, those behind their last, and places in the texture.
const (
	planFrom, planTo, planS, planT, planSize = 0, 16, 32, 48, 64
	planned                                  = 4
)

// spans is the frame of a kernel: it plans the rows of a triangle four at a time and calls paint for every eight pixels of a span.
type spans struct {
	*asm
	name            string
	job, stride     reg
	rowP, rowQ      reg // rows of one or both planes
	p, q            reg // pixels
	n, width        reg // pixels left in the span, and in the row
	y, to           reg
	plan, row, last reg // of the plan: its beginning, the row that is drawn, and its end
	lanes, bytes    vec // numbers of lanes, of 32 and 8 bits
	ds, dt          vec // derivatives, and eight times those
	steps, stept    vec
	s, t            places
	spare           [3]reg // where less than eight pixels are left
	two             bool
	later           []func()
}

// places are one coordinate of eight pixels, 16.16.
type places [2]vec

// grid is a plane of a texture: its width, and its last neighbourhood's index.
type grid struct{ w, last vec }

func newSpans(a *asm, name string, two bool) *spans {
	job := a.function(name, "(j *byte)", planSize, "j")[0]
	f := &spans{asm: a, name: name, job: job, two: two}
	for _, r := range []*reg{&f.stride, &f.rowP, &f.p, &f.n, &f.width, &f.y, &f.to, &f.plan, &f.row, &f.last, &f.spare[0], &f.spare[1], &f.spare[2]} {
		*r = a.reg()
	}
	if two {
		f.rowQ, f.q = a.reg(), a.reg()
	}
	f.lanes, f.bytes = a.count(0, 1), a.vec()
	f.ds, f.dt = a.field(job, jobDsDx), a.field(job, jobDtDx)
	f.steps, f.stept = a.vec(), a.vec()
	a.shl(s4, f.steps, f.ds, 3)
	a.shl(s4, f.stept, f.dt, 3)
	f.s, f.t = places{a.vec(), a.vec()}, places{a.vec(), a.vec()}
	a.op("MOVD", "$0x0706050403020100", f.n)
	a.op("VMOV", f.n, lane(f.bytes, 'D', 0))
	return f
}

// grid reads what a plane's fields in the job are.
func (f *spans) grid(w, last int) grid { return grid{f.field(f.job, w), f.field(f.job, last)} }

// pointer is a field of the job in a register of its own.
func (f *spans) pointer(offset int) reg {
	r := f.reg()
	f.op("MOVD", at(f.job, offset), r)
	return r
}

// planRows works out the spans of the four rows from y on, and the places in the texture where they begin; the operations are those
// of edges.span and gradient.at.
func (f *spans) planRows() {
	defer f.scope()()
	y, yc, half := f.spread(f.y, s4), f.vec(), f.float(0.5)
	f.v3(add, s4, y, y, f.lanes)
	f.v2(scvtf, s4, yc, y)
	f.v3(fadd, s4, yc, yc, half)
	f.free(half)
	long, short, lower, upper := f.vec(), f.vec(), f.vec(), f.field(f.job, jobY1)
	side := func(d vec, y0, slope, x0 int) {
		defer f.scope()()
		f.v3(fsub, s4, d, yc, f.field(f.job, y0))
		f.v3(fmul, s4, d, d, f.field(f.job, slope))
		f.v3(fadd, s4, d, d, f.field(f.job, x0))
	}
	side(long, jobY0, jobLong, jobX0)
	side(short, jobY0, jobUpper, jobX0)
	side(lower, jobY1, jobLower, jobX1)
	f.v3(fcmgt, s4, upper, upper, yc)
	f.bits("VBSL", upper, short, lower)
	f.free(short, lower)
	a, b := long, upper
	shift, whole := f.float(16384.5), f.every(16384, s4)
	for _, v := range []vec{a, b} {
		f.v3(fadd, s4, v, v, shift)
		f.v2(fcvtzs, s4, v, v)
		f.v3(sqsub, s4, v, v, whole) // what is far beyond the picture stays there
	}
	from, behind, zero := shift, whole, f.vec()
	f.bits("VEOR", zero, zero, zero)
	f.v3(smin, s4, from, a, b)
	f.v3(smax, s4, from, from, zero)
	f.v3(smax, s4, behind, a, b)
	f.v3(smin, s4, behind, behind, f.spread(f.stride, s4))
	p := f.reg()
	f.op("MOVD", f.plan, p)
	f.op("VST1.P", list(s4, from, behind), at(p, planS))
	f.v3(sub, s4, from, from, f.field(f.job, jobGX))
	f.v3(sub, s4, y, y, f.field(f.job, jobGY))
	s, t := f.field(f.job, jobS), f.field(f.job, jobT)
	f.v3(mla, s4, s, from, f.ds)
	f.v3(mla, s4, t, from, f.dt)
	f.v3(mla, s4, s, y, f.field(f.job, jobDsDy))
	f.v3(mla, s4, t, y, f.field(f.job, jobDtDy))
	f.op("VST1", list(s4, s), to(p))
	f.op("ADD", "$16", p)
	f.op("VST1", list(s4, t), to(p))
}

// firstRow is where row y of a plane begins.
func (f *spans) firstRow(r reg, plane int) {
	defer f.scope()()
	f.op("MUL", f.stride, f.y, r)
	f.op("ADD", f.pointer(plane), r)
}

// begin is the places of a span's first eight pixels, of which the plan has the first; d is the derivative.
func (f *spans) begin(p places, offset int, d vec) {
	defer f.scope()()
	r, four := f.reg(), f.vec()
	f.op("MOVW", at(f.row, offset), r)
	f.op("VDUP", r, s4.of(p[0]))
	f.v3(mla, s4, p[0], f.lanes, d)
	f.shl(s4, four, d, 2)
	f.v3(add, s4, p[1], p[0], four)
}

// run is the frame around paint, which jumps to f.name+"Next" or falls through.
func (f *spans) run(paint func()) {
	f.start()

	f.label(f.name + "Four")
	f.jump("BGE", f.to, f.y, "Done")
	f.planRows()
	f.op("MOVD", f.plan, f.row)

	f.label(f.name + "Row")
	x := f.spare[0]
	f.op("MOVW", at(f.row, planFrom), x)
	f.op("MOVW", at(f.row, planTo), f.n)
	f.op("SUBS", x, f.n)
	f.op("BLE", f.name+"RowDone")
	f.op("SUB", x, f.stride, f.width)
	f.op("ADD", x, f.rowP, f.p)
	if f.two {
		f.op("ADD", x, f.rowQ, f.q)
	}
	f.begin(f.s, planS, f.ds)
	f.begin(f.t, planT, f.dt)

	f.label(f.name + "Span")
	done := f.scope()
	paint()
	done()
	f.label(f.name + "Next")
	f.op("SUBS", "$8", f.n)
	f.op("BLE", f.name+"RowDone")
	for i := range 2 {
		f.v3(add, s4, f.s[i], f.s[i], f.steps)
		f.v3(add, s4, f.t[i], f.t[i], f.stept)
	}
	f.op("SUB", "$8", f.width)
	f.op("ADD", "$8", f.p)
	if f.two {
		f.op("ADD", "$8", f.q)
	}
	f.op("B", f.name+"Span")

	f.nextRow()

	f.label(f.name + "Done")
	f.op("RET")
	for len(f.later) > 0 { // what is written may leave more for later
		write := f.later[0]
		f.later = f.later[1:]
		write()
	}
	f.done()
}

// start prepares what the rows go by.
func (f *spans) start() {
	f.op("MOVD", at(f.job, jobStride), f.stride)
	f.op("MOVD", at(f.job, jobFrom), f.y)
	f.op("MOVD", at(f.job, jobTo), f.to)
	f.op("MOVD", fmt.Sprintf("$plan-%d(SP)", planSize), f.plan)
	f.op("ADD", number(4*planned), f.plan, f.last)
	f.firstRow(f.rowP, jobDst)
	if f.two {
		f.firstRow(f.rowQ, jobDst2)
	}
}

// nextRow goes on to the next row, of the plan or to be planned.
func (f *spans) nextRow() {
	f.label(f.name + "RowDone")
	f.op("ADD", f.stride, f.rowP)
	if f.two {
		f.op("ADD", f.stride, f.rowQ)
	}
	f.op("ADD", "$1", f.y)
	f.op("ADD", "$4", f.row)
	f.jump("BGE", f.to, f.y, "Done")
	f.jump("BLT", f.last, f.row, "Row")
	f.op("B", f.name+"Four")
}

// jump goes to one of the kernel's labels if b relates to a, a register or number, so.
func (f *spans) jump(branch string, a any, b reg, label string) {
	f.op("CMP", a, b)
	f.op(branch, f.name+label)
}
