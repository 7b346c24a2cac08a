package texmap

// gradient is the affine map of one triangle in 16.16 fixed point: texture position (relative to the first
// texel's centre) is (s, t) at the centre of output pixel (x, y), plus derivatives. Overflow wraps and is caught by
// the samplers' bounds.
type gradient struct {
	x, y                   int
	s, t                   int32
	dsdx, dsdy, dtdx, dtdy int32
}

// gradientOf solves the map at scale k of the output and m of the texture (1 and planar.Fineness for luma, 1/2 for chroma); ok is
// false for a triangle without area.
func gradientOf(a, b, c *Vertex, k, m float32) (g gradient, ok bool) {
	x1, y1, x2, y2 := b.X-a.X, b.Y-a.Y, c.X-a.X, c.Y-a.Y
	det := cross(x1, y1, x2, y2)
	if flat(det) {
		return g, false
	}
	inv := m / k / det
	s1, s2, t1, t2 := b.S-a.S, c.S-a.S, b.T-a.T, c.T-a.T
	dsdx, dsdy := cross(s1, y1, s2, y2)*inv, cross(x1, s1, x2, s2)*inv
	dtdx, dtdy := cross(t1, y1, t2, y2)*inv, cross(x1, t1, x2, t2)*inv
	g.dsdx, g.dsdy, g.dtdx, g.dtdy = fixed(dsdx), fixed(dsdy), fixed(dtdx), fixed(dtdy)
	g.x, g.y = rounded(a.X*k), rounded(a.Y*k)
	dx, dy := float32(g.x)+0.5-a.X*k, float32(g.y)+0.5-a.Y*k
	// Half of a 1/256 step is added because samplers cut off below it.
	g.s = fixed(a.S*m+float32(dsdx*dx)+float32(dsdy*dy)-0.5) + 128
	g.t = fixed(a.T*m+float32(dtdx*dx)+float32(dtdy*dy)-0.5) + 128
	return g, true
}

// half is the map of the same triangle at half the scale of output and texture; a is its corner that g was solved for.
func (g *gradient) half(a *Vertex) gradient {
	const unit = 1.0 / 65536
	h := *g
	h.x, h.y = rounded(a.X/2), rounded(a.Y/2)
	dx, dy := (float32(h.x)+0.5-a.X/2)*unit, (float32(h.y)+0.5-a.Y/2)*unit
	h.s = fixed(a.S/2+float32(float32(g.dsdx)*dx)+float32(float32(g.dsdy)*dy)-0.5) + 128
	h.t = fixed(a.T/2+float32(float32(g.dtdx)*dx)+float32(float32(g.dtdy)*dy)-0.5) + 128
	return h
}

// at is the texture position at the centre of pixel (x, y).
func (g *gradient) at(x, y int) (s, t int32) {
	dx, dy := int32(x-g.x), int32(y-g.y)
	return g.s + g.dsdx*dx + g.dsdy*dy, g.t + g.dtdx*dx + g.dtdy*dy
}

// fixed converts to 16.16, saturating.
func fixed(v float32) int32 {
	if v > 8000 {
		v = 8000
	} else if v < -8000 {
		v = -8000
	}
	return int32(v * 65536)
}

// rounded is floor(v + 0.5) for coordinates that pose keeps within reach.
func rounded(v float32) int { return int(v+16384.5) - 16384 }
