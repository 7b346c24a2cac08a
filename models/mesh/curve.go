package mesh

import "github.com/gioconda-live/gioconda/pipeline/num"

// curve is a height for every column of a local frame: value[i] belongs to s = from + i.
type curve struct {
	from  float32
	value []float32
}

func newCurve(from float32, n int) curve { return curve{from, make([]float32, n)} }

// at interpolates at s, constant beyond the ends.
func (c *curve) at(s float32) float32 {
	s = min(max(s-c.from, 0), float32(len(c.value))-1.001)
	i := int(s)
	return c.value[i] + (c.value[i+1]-c.value[i])*(s-float32(i))
}

// fit lays the curve through points sorted by s (a cubic with the slopes of neighbours: Catmull-Rom with uneven
// knots); points that go backwards are pushed forward a little. Constant beyond the ends.
func (c *curve) fit(s, t []float32) {
	n := len(s)
	for i := 1; i < n; i++ {
		s[i] = max(s[i], s[i-1]+0.05)
	}
	k := 0
	for i := range c.value {
		x := c.from + float32(i)
		if x <= s[0] {
			c.value[i] = t[0]
			continue
		}
		if x >= s[n-1] {
			c.value[i] = t[n-1]
			continue
		}
		for k < n-2 && s[k+1] < x {
			k++
		}
		h := s[k+1] - s[k]
		f := (x - s[k]) / h
		m0, m1 := h*slope(s, t, k), h*slope(s, t, k+1)
		f2, f3 := f*f, f*f*f
		c.value[i] = (2*f3-3*f2+1)*t[k] + (f3-2*f2+f)*m0 + (3*f2-2*f3)*t[k+1] + (f3-f2)*m1
	}
}

// round lifts the ends of the curve: towards the outermost points it rises as an ellipse does instead of straight, by
// share (0..1). s and t are the points that fit had.
func (c *curve) round(s, t []float32, share float32) {
	n := len(s)
	for _, k := range [...][2]int{{0, 1}, {n - 1, n - 2}} {
		end, next := k[0], k[1]
		rise, width := t[next]-t[end], s[next]-s[end]
		for i := range c.value {
			f := (c.from + float32(i) - s[end]) / width
			if f > 0 && f < 1 {
				c.value[i] += share * rise * (num.Sqrt(f*(2-f)) - f)
			}
		}
	}
}

// slope is the derivative at point k: of the chord of its neighbours.
func slope(s, t []float32, k int) float32 {
	a, b := max(k-1, 0), min(k+1, len(s)-1)
	return (t[b] - t[a]) / max(s[b]-s[a], 0.05)
}
