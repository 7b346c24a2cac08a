package mesh

// texel is one pixel of a patch or a small float texture: limited-range YUV and opacity 0..1.
type texel struct{ y, u, v, a float32 }

// blend lays a, with k times its opacity, on top of b, which is opaque; k is 0..1.
func (b texel) blend(a texel, k float32) texel {
	k *= a.a
	return texel{b.y + (a.y-b.y)*k, b.u + (a.u-b.u)*k, b.v + (a.v-b.v)*k, b.a + (1-b.a)*k}
}

// dim scales brightness towards black and chroma with it.
func (t texel) dim(k float32) texel {
	return texel{16 + (t.y-16)*k, 128 + (t.u-128)*k, 128 + (t.v-128)*k, t.a}
}

// over lays a on top of b, both with opacities of their own (Porter and Duff 1984).
func over(a, b texel) texel {
	if a.a >= 1 || b.a <= 0 {
		return a
	}
	w := a.a + b.a*(1-a.a)
	out := lerp(b, a, a.a/w)
	out.a = w
	return out
}

// lerp is a at f = 0 and b at f = 1, opacity included.
func lerp(a, b texel, f float32) texel {
	return texel{a.y + (b.y-a.y)*f, a.u + (b.u-a.u)*f, a.v + (b.v-a.v)*f, a.a + (b.a-a.a)*f}
}
