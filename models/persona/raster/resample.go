// Package raster has the pixel work of making a persona: resampling, continuing a picture beyond its edge, and
// refining a matte. Everything is deterministic, whatever the number of cores.
package raster

import (
	"image"
	"math"
	"runtime"
	"sync"
)

// Area is a rectangle of a picture in pixels, which need not be whole and may reach beyond the picture.
type Area struct{ X, Y, W, H float64 }

// taps says which source pixels make one pixel of the result along one axis.
type taps struct {
	first   int
	weights []float32
}

// band is how many rows of the result are made at a time, which bounds the memory between the two passes.
const band = 64

// Resample draws area of src, whose bounds start at (0, 0), as an opaque picture of w x h pixels: bicubic
// (Catmull-Rom) when it enlarges, the same kernel widened when it shrinks. Beyond src its nearest pixels are repeated.
// The result is new.
func Resample(src *image.RGBA, area Area, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	columns := axis(area.X, area.W, w, src.Rect.Dx())
	rows := axis(area.Y, area.H, h, src.Rect.Dy())
	bands := make(chan int)
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		group.Go(func() {
			var scratch []float32
			for y := range bands {
				scratch = resampleBand(out, src, columns, rows, y, min(y+band, h), scratch)
			}
		})
	}
	for y := 0; y < h; y += band {
		bands <- y
	}
	close(bands)
	group.Wait()
	return out
}

// axis works out the taps of n pixels that cover length pixels of the source from start; the source has size.
func axis(start, length float64, n, size int) []taps {
	step := length / float64(n)
	widen := max(1, step)
	out := make([]taps, n)
	for i := range out {
		centre := start + (float64(i)+0.5)*step - 0.5
		first, last := int(math.Ceil(centre-2*widen)), int(math.Floor(centre+2*widen))
		lo, hi := max(0, min(first, size-1)), max(0, min(last, size-1))
		weights := make([]float32, hi-lo+1)
		var total float64
		for j := first; j <= last; j++ {
			k := catmullRom((float64(j) - centre) / widen)
			total += k
			weights[max(0, min(j, size-1))-lo] += float32(k)
		}
		for j := range weights {
			weights[j] /= float32(total)
		}
		out[i] = taps{lo, weights}
	}
	return out
}

func catmullRom(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// resampleBand makes rows y0..y1 of out: across first, into scratch, then down.
func resampleBand(out, src *image.RGBA, columns, rows []taps, y0, y1 int, scratch []float32) []float32 {
	w := len(columns)
	top, bottom := rows[y0].first, 0
	for _, t := range rows[y0:y1] {
		top, bottom = min(top, t.first), max(bottom, t.first+len(t.weights))
	}
	if need := (bottom - top) * w * 3; cap(scratch) < need {
		scratch = make([]float32, need)
	}
	scratch = scratch[:(bottom-top)*w*3]
	for y := top; y < bottom; y++ {
		across(scratch[(y-top)*w*3:(y-top+1)*w*3], src.Pix[y*src.Stride:], columns)
	}
	sum := make([]float32, w*3)
	for y := y0; y < y1; y++ {
		clear(sum)
		for j, k := range rows[y].weights {
			line := scratch[(rows[y].first-top+j)*w*3:]
			for i := range sum {
				sum[i] += k * line[i]
			}
		}
		dst := out.Pix[y*out.Stride:]
		for x := range w {
			dst[4*x], dst[4*x+1], dst[4*x+2], dst[4*x+3] =
				toByte(sum[3*x]), toByte(sum[3*x+1]), toByte(sum[3*x+2]), 255
		}
	}
	return scratch
}

func across(dst []float32, row []uint8, columns []taps) {
	for x := range columns {
		t := &columns[x]
		var r, g, b float32
		p := row[4*t.first:]
		for j, k := range t.weights {
			q := p[4*j : 4*j+3 : 4*j+3]
			r += k * float32(q[0])
			g += k * float32(q[1])
			b += k * float32(q[2])
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = r, g, b
	}
}

func toByte(v float32) uint8 { return uint8(max(0, min(255, v+0.5))) }

// Enlarge draws a grey picture as w x h pixels by bilinear interpolation, as values 0..1, row-major.
func Enlarge(src *image.Gray, w, h int) []float32 {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	out := make([]float32, w*h)
	for y := range h {
		fy := max(0, min(float64(sh-1), (float64(y)+0.5)*float64(sh)/float64(h)-0.5))
		y0 := min(int(fy), max(0, sh-2))
		y1 := min(y0+1, sh-1)
		v := float32(fy) - float32(y0)
		r0, r1 := src.Pix[y0*src.Stride:], src.Pix[y1*src.Stride:]
		for x := range w {
			fx := max(0, min(float64(sw-1), (float64(x)+0.5)*float64(sw)/float64(w)-0.5))
			x0 := min(int(fx), max(0, sw-2))
			x1 := min(x0+1, sw-1)
			u := float32(fx) - float32(x0)
			a := float32(r0[x0])*(1-u) + float32(r0[x1])*u
			b := float32(r1[x0])*(1-u) + float32(r1[x1])*u
			out[y*w+x] = (a*(1-v) + b*v) / 255
		}
	}
	return out
}
