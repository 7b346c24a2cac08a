package shade

// Texel is one colour of a shader or a decal: limited-range Y, U, V (0..255) and opacity A (0..1), not multiplied by it.
type Texel struct{ Y, U, V, A float32 }

// Opaque is the opaque colour y, u, v.
func Opaque(y, u, v float32) Texel { return Texel{y, u, v, 1} }

// Blend lays a, with k (0..1) times its opacity, on top of b, which is opaque.
func (b Texel) Blend(a Texel, k float32) Texel {
	k *= a.A
	return Texel{b.Y + (a.Y-b.Y)*k, b.U + (a.U-b.U)*k, b.V + (a.V-b.V)*k, b.A + (1-b.A)*k}
}

// Dim scales brightness above black and chroma around grey by k; opacity stays.
func (b Texel) Dim(k float32) Texel {
	return Texel{16 + (b.Y-16)*k, 128 + (b.U-128)*k, 128 + (b.V-128)*k, b.A}
}

// Over lays a on top of b, both with opacities of their own (Porter and Duff 1984).
func Over(a, b Texel) Texel {
	if a.A >= 1 || b.A <= 0 {
		return a
	}
	w := a.A + b.A*(1-a.A)
	out := Lerp(b, a, a.A/w)
	out.A = w
	return out
}

// Lerp is a at f = 0 and b at f = 1, opacity included.
func Lerp(a, b Texel, f float32) Texel {
	return Texel{a.Y + (b.Y-a.Y)*f, a.U + (b.U-a.U)*f, a.V + (b.V-a.V)*f, a.A + (b.A-a.A)*f}
}
