package mesh

// vertex is a mesh point: where it is drawn (output pixels) and what it shows (texture pixels).
type vertex struct{ x, y, s, t float32 }

// triangle indexes three vertices. opaque: its whole footprint in the texture is opaque.
type triangle struct {
	a, b, c uint16
	opaque  bool
}

// area is twice the signed area of a triangle as drawn.
func area(a, b, c *vertex) float32 {
	return (b.x-a.x)*(c.y-a.y) - (c.x-a.x)*(b.y-a.y)
}
