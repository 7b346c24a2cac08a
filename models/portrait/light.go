package portrait

import "github.com/gioconda-live/gioconda/pipeline/frame"

// mostLight is by how much of its light a mouth may become brighter or darker in the mean. Geometry takes that light from the
// portrait; of two men whose mouths lie in the dark the network painted half as much again and twice as much.
const mostLight = 0.25

// tieLight keeps the mean luma inside the lips near that of the picture: where share of the difference d (planes of Y, U, V in bytes)
// exceeds mostLight of it, the excess is taken off evenly. picture is R, G, B, 0..1, and inner the PlaneInner of the same pixels.
func tieLight(d, picture []float32, inner []byte, share float32) {
	n := len(inner)
	y, r, g, b := d[:n], picture[:n], picture[n:2*n], picture[2*n:3*n]
	var change, light, weight float32
	for i, v := range inner {
		if v != 0 {
			w := float32(v)
			change += w * y[i]
			light += w * (frame.YFromR*r[i] + frame.YFromG*g[i] + frame.YFromB*b[i])
			weight += w
		}
	}
	if weight == 0 {
		return
	}
	change, light = change/weight, light/weight
	most := mostLight * share * light
	excess := change - min(max(change, -most), most)
	if excess == 0 {
		return
	}
	for i, v := range inner {
		y[i] -= excess * float32(v) / 255
	}
}
