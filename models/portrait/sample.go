package portrait

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// maxTaps bounds the samples per axis with which a shrunk picture is read.
const maxTaps = 4

// Read samples the region that lies at a (pixels of src) into dst: three planes R, G, B of Edge x Edge, 0..1.
// Beyond the picture its nearest pixels repeat. It does not allocate.
func (r *Region) Read(dst []float32, src *frame.I420, a *Alignment) {
	inside := r.within(src, a)
	if !inside || !r.readInside(dst, src, a) {
		r.readOne(dst, src, a, inside)
	}
}

// readOne reads pixel by pixel: what every processor can, and what the kernels of some have to equal.
func (r *Region) readOne(dst []float32, src *frame.I420, a *Alignment, inside bool) {
	e := r.Edge
	n := e * e
	offsets, taps := a.taps()
	weight := 1 / float32(taps*taps)
	for j := range e {
		for i := range e {
			var y, u, v float32
			for _, oj := range offsets[:taps] {
				for _, oi := range offsets[:taps] {
					px, py := a.At(float32(i)+oi, float32(j)+oj)
					cx, cy := px/2-0.5, py/2-0.5
					if inside {
						y += inner(src.Y, src.Width, px-0.5, py-0.5)
						du, dv := innerPair(src.U, src.V, src.Width/2, cx, cy)
						u, v = u+du, v+dv
						continue
					}
					y += bilinear(src.Y, src.Width, src.Height, px-0.5, py-0.5)
					u += bilinear(src.U, src.Width/2, src.Height/2, cx, cy)
					v += bilinear(src.V, src.Width/2, src.Height/2, cx, cy)
				}
			}
			y = float32((float32(y*weight) - frame.LumaBlack) * (1.0 / frame.LumaRange))
			u = float32((float32(u*weight) - frame.ChromaZero) * (1.0 / frame.ChromaSpan))
			v = float32((float32(v*weight) - frame.ChromaZero) * (1.0 / frame.ChromaSpan))
			k := j*e + i
			dst[k] = unit(y + float32(frame.RFromV*v))
			dst[n+k] = unit(y + float32(frame.GFromU*u) + float32(frame.GFromV*v))
			dst[2*n+k] = unit(y + float32(frame.BFromU*u))
		}
	}
}

// toUnitOne turns bytes into numbers of 0..1, one by one.
func toUnitOne(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = float32(src[i]) * (1.0 / 255)
	}
}

// taps is how many samples per axis a pixel of the region needs, and where in the pixel they lie.
func (a *Alignment) taps() (offsets [maxTaps]float32, n int) {
	step := math.Hypot(float64(a.UX), float64(a.UY))
	n = min(max(int(step+0.5), 1), maxTaps)
	for k := range n {
		offsets[k] = (float32(k) + 0.5) / float32(n)
	}
	return offsets, n
}

// within tells that the whole region, with what interpolation reaches for, lies inside the picture.
func (r *Region) within(src *frame.I420, a *Alignment) bool {
	const reach = 4 // two pixels of chroma
	e := float32(r.Edge)
	for k := range 4 {
		x, y := a.At(float32(k&1)*e, float32(k>>1)*e)
		if !(x >= reach && y >= reach && x < float32(src.Width-reach) && y < float32(src.Height-reach)) {
			return false
		}
	}
	return true
}

// inner is bilinear where nothing has to be clamped.
func inner(p []byte, w int, x, y float32) float32 {
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	k := j*w + i
	top, low := p[k:k+2:k+2], p[k+w:k+w+2:k+w+2]
	a := float32(top[0]) + float32((float32(top[1])-float32(top[0]))*fx)
	b := float32(low[0]) + float32((float32(low[1])-float32(low[0]))*fx)
	return a + float32((b-a)*fy)
}

// innerPair is inner for two planes at one place.
func innerPair(p, q []byte, w int, x, y float32) (u, v float32) {
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	k := j*w + i
	top, low := p[k:k+2:k+2], p[k+w:k+w+2:k+w+2]
	a := float32(top[0]) + float32((float32(top[1])-float32(top[0]))*fx)
	b := float32(low[0]) + float32((float32(low[1])-float32(low[0]))*fx)
	u = a + float32((b-a)*fy)
	top, low = q[k:k+2:k+2], q[k+w:k+w+2:k+w+2]
	a = float32(top[0]) + float32((float32(top[1])-float32(top[0]))*fx)
	b = float32(low[0]) + float32((float32(low[1])-float32(low[0]))*fx)
	return u, a + float32((b-a)*fy)
}

func unit(v float32) float32 { return min(max(v, 0), 1) }

// bilinear reads a plane of bytes between its pixels; whole numbers are pixel centres.
func bilinear(p []byte, w, h int, x, y float32) float32 {
	x = min(max(x, 0), float32(w-1))
	y = min(max(y, 0), float32(h-1))
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	i1, j1 := min(i+1, w-1), min(j+1, h-1)
	top := p[j*w : j*w+w]
	low := p[j1*w : j1*w+w]
	a := float32(top[i]) + float32((float32(top[i1])-float32(top[i]))*fx)
	b := float32(low[i]) + float32((float32(low[i1])-float32(low[i]))*fx)
	return a + float32((b-a)*fy)
}
