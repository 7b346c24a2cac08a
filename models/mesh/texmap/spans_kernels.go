//go:build (amd64 || arm64) && !purego

package texmap

import (
	"math"
	"unsafe"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// job is one triangle in one plane, or in both of chroma, as the kernels take it; they know where its fields lie.
type job struct {
	dst, dst2        *byte
	tex, tex2, alpha unsafe.Pointer
	stride, from, to int
	edges            edges
	g                gradient
	w, last          int32 // of tex: its width, and the last neighbourhood's index
	aw, alphaLast    int32
	fade             uint32
	kinds            *byte // of tex's opacity, or nil: see kinds
}

//go:noescape
func lumaOpaqueKernel(j *job)

//go:noescape
func lumaBlendKernel(j *job)

//go:noescape
func chromaOpaqueKernel(j *job)

//go:noescape
func chromaBlendKernel(j *job)

//go:noescape
func lumaAddKernel(j *job)

//go:noescape
func chromaAddKernel(j *job)

// vectors tells that this processor can draw t eight pixels at a time: offsets are reckoned in 32 bits.
func vectors(t *Texture) bool {
	return hasKernels() && max(t.y.w, t.a.w, t.y.n>>16, len(t.a.pix)>>16, len(t.u.pix)>>16) <= math.MaxInt16
}

// paint draws a triangle as the loops of this package do, byte for byte.
func (t *Texture) paint(f *frame.I420, bd, half planar.Band, luma, chroma *edges, g, gc *gradient, opaque bool, fade uint32) {
	if !t.vectors {
		t.paintOne(f, bd, half, luma, chroma, g, gc, opaque, fade)
		return
	}
	from, to := luma.rows(bd)
	if from < to {
		j := job{
			dst: &f.Y[0], stride: f.Width, from: from, to: to, edges: *luma, g: *g, fade: fade,
			tex: unsafe.Pointer(&t.y.pix[0]), w: int32(t.y.w), last: int32(t.y.n - 1),
			alpha: unsafe.Pointer(&t.a.pix[0]), aw: int32(t.a.w), alphaLast: int32(len(t.a.pix) - 1),
		}
		if opaque {
			lumaOpaqueKernel(&j)
		} else {
			j.kinds = t.aKinds.within(g, 2)
			lumaBlendKernel(&j)
		}
	}
	if from, to = chroma.rows(half); from < to {
		j := job{
			dst: &f.U[0], dst2: &f.V[0], stride: f.Width / 2, from: from, to: to, edges: *chroma, g: *gc, fade: fade,
			tex: unsafe.Pointer(&t.u.pix[0]), tex2: unsafe.Pointer(&t.v.pix[0]), alpha: unsafe.Pointer(&t.ca.pix[0]),
			w: int32(t.u.w), last: int32(len(t.u.pix) - 1),
		}
		if opaque {
			chromaOpaqueKernel(&j)
		} else {
			j.kinds = t.caKinds.within(gc, 1)
			chromaBlendKernel(&j)
		}
	}
}

// adds is vectors for a Difference.
func adds(d *Difference) bool {
	return hasKernels() && max(d.y.w, len(d.y.pix)>>16) <= math.MaxInt16
}

// add adds a triangle as addOne does, byte for byte.
func (d *Difference) add(f *frame.I420, rows, half planar.Band, left int, luma, chroma *edges, g, gc *gradient) {
	if !d.vectors || left > 0 { // the kernels know no left edge but the picture's; few compare
		d.addOne(f, rows, half, left, luma, chroma, g, gc)
		return
	}
	j := job{stride: f.Width, edges: *luma, g: *g}
	if j.from, j.to = luma.rows(rows); j.from < j.to {
		upper, lower, w := d.y.rows()
		j.dst, j.tex, j.w, j.last = &f.Y[0], unsafe.Pointer(&upper[0]), int32(w), int32(len(lower)-2)
		lumaAddKernel(&j)
	}
	j.stride, j.edges, j.g = f.Width/2, *chroma, *gc
	if j.from, j.to = chroma.rows(half); j.from < j.to {
		j.dst, j.dst2, j.tex, j.tex2 = &f.U[0], &f.V[0], unsafe.Pointer(&d.u.pix[0]), unsafe.Pointer(&d.v.pix[0])
		j.w, j.last = int32(d.u.w), int32(len(d.u.pix)-1)
		chromaAddKernel(&j)
	}
}
