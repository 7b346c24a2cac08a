package shade

import "github.com/gioconda-live/gioconda/pipeline/num"

// Curve is a height t for every column of a local frame: Value[i] belongs to s = From + i. It has at least two columns.
type Curve struct {
	From  float32
	Value []float32
}

// NewCurve makes a curve of n columns at height 0, of two where n is less.
func NewCurve(from float32, n int) Curve { return Curve{from, make([]float32, max(n, 2))} }

// At is the height at s, linear between columns and constant beyond the ends.
func (c *Curve) At(s float32) float32 {
	s = min(max(s-c.From, 0), float32(len(c.Value))-1.001)
	i := int(s)
	return c.Value[i] + (c.Value[i+1]-c.Value[i])*(s-float32(i))
}

// Fit lays the curve through the points (s[i], t[i]), sorted by s, with the slopes of neighbours (Catmull-Rom with uneven knots),
// constant beyond the ends. s is changed where points go backwards: they are pushed forward a little.
func (c *Curve) Fit(s, t []float32) {
	n := len(s)
	for i := 1; i < n; i++ {
		s[i] = max(s[i], s[i-1]+0.05)
	}
	k := 0
	for i := range c.Value {
		x := c.From + float32(i)
		if x <= s[0] {
			c.Value[i] = t[0]
			continue
		}
		if x >= s[n-1] {
			c.Value[i] = t[n-1]
			continue
		}
		for k < n-2 && s[k+1] < x {
			k++
		}
		h := s[k+1] - s[k]
		f := (x - s[k]) / h
		m0, m1 := h*slope(s, t, k), h*slope(s, t, k+1)
		f2, f3 := f*f, f*f*f
		c.Value[i] = (2*f3-3*f2+1)*t[k] + (f3-2*f2+f)*m0 + (3*f2-2*f3)*t[k+1] + (f3-f2)*m1
	}
}

// Round lifts the ends of the curve: towards the outermost points it rises as an ellipse does instead of straight, by
// share (0..1). s and t are the points that Fit had.
func (c *Curve) Round(s, t []float32, share float32) {
	n := len(s)
	for _, k := range [...][2]int{{0, 1}, {n - 1, n - 2}} {
		end, next := k[0], k[1]
		rise, width := t[next]-t[end], s[next]-s[end]
		for i := range c.Value {
			f := (c.From + float32(i) - s[end]) / width
			if f > 0 && f < 1 {
				c.Value[i] += share * rise * (num.Sqrt(f*(2-f)) - f)
			}
		}
	}
}

// slope is the derivative at point k: of the chord of its neighbours.
func slope(s, t []float32, k int) float32 {
	a, b := max(k-1, 0), min(k+1, len(s)-1)
	return (t[b] - t[a]) / max(s[b]-s[a], 0.05)
}
