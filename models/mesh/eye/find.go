package eye

import (
	"math"
	"slices"
	"sort"

	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// skinModel tells skin from eyeball around one eye by colour.
type skinModel struct {
	upper, lower shade.Texel // skin above and below the eye
	near, far    float32
}

// colourDistance weighs chroma above brightness, which light and shade change.
func colourDistance(a, b shade.Texel) float32 {
	return 0.6*num.Abs(a.Y-b.Y) + 2*num.Abs(a.U-b.U) + 2*num.Abs(a.V-b.V)
}

// likeness is 1 for a colour of skin, 0 for one of the eyeball, and in between.
func (k *skinModel) likeness(c shade.Texel) float32 {
	d := min(colourDistance(c, k.upper), colourDistance(c, k.lower))
	return 1 - num.Smoothstep(k.near, k.far, d)
}

// saturation is chroma over luma, which shade leaves alone.
func saturation(t shade.Texel) (u, v float32) {
	y := t.Y - 16 + 20
	return (t.U - 128) / y, (t.V - 128) / y
}

// purity compares a colour's saturation and hue with those of skin: 1 the same, 0 neutral, negative of opposite hue.
// Shade leaves it alone, which matters around painted eyes. Skin that is nearly grey gives 1 for everything.
func (k *skinModel) purity(c shade.Texel) float32 {
	su, sv := saturation(shade.Lerp(k.upper, k.lower, 0.5))
	size := su*su + sv*sv
	if size < 0.06*0.06 {
		return 1
	}
	u, v := saturation(c)
	return (u*su + v*sv) / size
}

// painted tells that the skin above the eye has another colour than that below: make-up.
func (k *skinModel) painted() bool {
	const most = 0.3 // shade, deep sockets and grain make less
	u0, v0 := saturation(k.upper)
	u1, v1 := saturation(k.lower)
	return num.Abs(u0-u1)+num.Abs(v0-v1) > most
}

// learnSkin measures skin above and below the lids, and how far the eyeball's colours are from it.
func (e *Eye) learnSkin() {
	band := func(c *shade.Curve, from, to float32) (mean shade.Texel, list []shade.Texel) {
		for i := range 9 {
			s := (float32(i)/8 - 0.5) * 0.8 * e.length
			for j := range 4 {
				t := c.At(s) + (from+(to-from)*float32(j)/3)*e.length
				if e.freeAt(s, t) < 0.7 {
					continue
				}
				list = append(list, e.skin.Sample(e.frame.To(s, t)))
			}
		}
		sort.Slice(list, func(i, j int) bool { return list[i].Y < list[j].Y })
		mid := list[len(list)/4 : len(list)*3/4]
		for _, c := range mid {
			n := float32(len(mid))
			mean.Y, mean.U, mean.V = mean.Y+c.Y/n, mean.U+c.U/n, mean.V+c.V/n
		}
		return mean, list
	}
	var above, below []shade.Texel
	e.model.upper, above = band(&e.upper, -0.34, -0.20)
	e.model.lower, below = band(&e.lower, 0.26, 0.42)
	const few = 8
	switch { // where hair hides one of them
	case len(below) < few && len(above) < few: // and both: what is beside it
		e.model.upper = e.skin.Sample(e.frame.To(-0.6*e.length, 0.2*e.length))
		e.model.lower = e.model.upper
	case len(below) < few:
		e.model.lower = e.model.upper
	case len(above) < few:
		e.model.upper = e.model.lower
	}
	noise := make([]float32, 0, 80)
	for _, c := range above {
		noise = append(noise, colourDistance(c, e.model.upper))
	}
	for _, c := range below {
		noise = append(noise, colourDistance(c, e.model.lower))
	}
	var ball []float32
	for i := range 9 {
		s := (float32(i)/8 - 0.5) * 0.7 * e.length
		for j := range 3 {
			t := e.upper.At(s) + (e.lower.At(s)-e.upper.At(s))*(0.3+0.2*float32(j))
			if e.freeAt(s, t) < 0.7 {
				continue
			}
			c := e.skin.Sample(e.frame.To(s, t))
			ball = append(ball, min(colourDistance(c, e.model.upper), colourDistance(c, e.model.lower)))
		}
	}
	slices.Sort(noise)
	slices.Sort(ball)
	noise, ball = append(noise, 0), append(ball, 0) // never empty
	e.model.near = min(noise[(len(noise)-1)*3/4], 0.5*ball[len(ball)/2])
	e.model.far = max(1.6*e.model.near, 0.6*ball[len(ball)/2], 6)
}

// findEdges moves both lid edges from where the landmarks put them to where the picture has them: landmarks may lie
// on the eyeball of a drawn eye. First by colour, then the upper edge to the middle of the lash line.
func (e *Eye) findEdges() {
	e.left, e.right = e.corner(-1), e.corner(1)
	n := len(e.upper.Value)
	skin := func(s, t float32) float32 {
		return num.Smoothstep(0.3, 0.6, e.model.purity(e.skin.Sample(e.frame.To(s, t))))
	}
	// Moving the edge outwards over a pixel gains what that pixel lacks in skin.
	outward := func(c *shade.Curve, dir float32, reach int) []float32 {
		k := reach + 1
		cost := make([]float32, n*k)
		for i := range n {
			s := c.From + float32(i)
			sum := float32(0)
			for j := range k {
				off := float32(j)
				if j > 0 {
					sum += skin(s, c.Value[i]+dir*off) - 0.5
				}
				far := off / (0.1 * e.length)
				cost[i*k+j] = sum + 0.015*e.length*far*far
				if s < -e.left || s > e.right {
					cost[i*k+j] = off
				}
			}
		}
		return bestPath(cost, n, k, 0.4)
	}
	reach := max(int(0.26*e.length), 1)
	for i, off := range outward(&e.lower, 1, reach) {
		e.lower.Value[i] += off
	}
	if !e.model.painted() { // what is paint on the lid has no more of skin's colour than an eyeball
		for i, off := range outward(&e.upper, -1, reach) {
			e.upper.Value[i] -= off
		}
	}
	e.findLash()
	soften(&e.lower, e.length)
	soften(&e.upper, e.length)
	for i := range n {
		s := e.upper.From + float32(i)
		k := num.Smoothstep(0, 0.10*e.length, min(s+e.left, e.right-s))
		u, l := e.upper.Value[i], e.lower.Value[i]
		mid, gap := (u+l)/2, max(l-u, 0)*k
		e.upper.Value[i], e.lower.Value[i] = mid-gap/2, mid+gap/2
	}
}

// corner finds how far the opening reaches to one side, at least to the landmark.
func (e *Eye) corner(dir float32) float32 {
	far := e.length / 2
	for far < 0.68*e.length {
		c := e.skin.Sample(e.frame.To(dir*(far+1), 0))
		if e.model.purity(c) > 0.45 {
			break
		}
		far++
	}
	return far
}

// findLash moves the upper edge to the darkest smooth line near it.
func (e *Eye) findLash() {
	n := len(e.upper.Value)
	reach := max(int(0.06*e.length), 1)
	k := 2*reach + 1
	cost := make([]float32, n*k)
	for i := range n {
		s := e.upper.From + float32(i)
		for j := range k {
			off := float32(j - reach)
			t := e.upper.Value[i] + off
			v := e.skin.Sample(e.frame.To(s, t)).Y*2 + e.skin.Sample(e.frame.To(s, t-1)).Y + e.skin.Sample(e.frame.To(s, t+1)).Y
			cost[i*k+j] = v/40 + 0.35*off*off/float32(reach*reach)
			if s < -e.left || s > e.right {
				cost[i*k+j] = num.Abs(off)
			}
		}
	}
	for i, v := range bestPath(cost, n, k, 0.1) {
		e.upper.Value[i] += v - float32(reach)
	}
}

// soften smooths a curve over about a twelfth of the eye, whose length is in pixels.
func soften(c *shade.Curve, length float32) {
	rounds := max(int(length*length/600), 2)
	for range rounds {
		prev := c.Value[0]
		for i := 1; i+1 < len(c.Value); i++ {
			v := c.Value[i]
			c.Value[i] = (prev + 2*v + c.Value[i+1]) / 4
			prev = v
		}
	}
}

// bestPath finds one of k rows for each of n columns: the sum of costs (cost[i*k+j]) plus bend times the squared
// step between neighbours is smallest. Steps are at most 2. Dynamic programming.
func bestPath(cost []float32, n, k int, bend float32) []float32 {
	total := append([]float32(nil), cost...)
	from := make([]int, n*k)
	for i := 1; i < n; i++ {
		for j := range k {
			best := float32(math.Inf(1))
			for p := max(j-2, 0); p <= min(j+2, k-1); p++ {
				if v := total[(i-1)*k+p] + bend*float32((j-p)*(j-p)); v < best {
					best, from[i*k+j] = v, p
				}
			}
			total[i*k+j] += best
		}
	}
	j := 0
	for p := range k {
		if total[(n-1)*k+p] < total[(n-1)*k+j] {
			j = p
		}
	}
	out := make([]float32, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = float32(j)
		j = from[i*k+j]
	}
	return out
}
