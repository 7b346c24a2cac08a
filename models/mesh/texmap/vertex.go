package texmap

// Vertex is a point of a mesh: it is drawn at X, Y (output pixels) and shows what lies at S, T (texture pixels).
type Vertex struct{ X, Y, S, T float32 }

// Triangle is three indices into a list of vertices. Opaque says that the texture is opaque everywhere in it.
type Triangle struct {
	A, B, C uint16
	Opaque  bool
}

// Area is twice the signed area of a triangle as drawn, square pixels; its sign tells which way round the corners go.
func Area(a, b, c *Vertex) float32 {
	return cross(b.X-a.X, b.Y-a.Y, c.X-a.X, c.Y-a.Y)
}

// cross is the cross product of (ax, ay) and (bx, by). Products are rounded, here and wherever float32 is written around one: else
// compilers for some processors round nothing but the sum, and triangles come out otherwise than on those that cannot.
func cross(ax, ay, bx, by float32) float32 { return float32(ax*by) - float32(bx*ay) }
