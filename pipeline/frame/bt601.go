package frame

// ITU-R BT.601-7, section 2.5, limited range at 8 bits: R, G, B of 0..1 become Y 16..235 and U, V 16..240 around 128.
const (
	LumaBlack  = 16    // Y of black
	LumaRange  = 219.0 // from black to white
	ChromaZero = 128   // U and V of greys
	ChromaSpan = 224.0 // of U and V, from their lowest to their highest

	YFromR, YFromG, YFromB = 65.481, 128.553, 24.966
	UFromR, UFromG, UFromB = -37.797, -74.203, 112.0
	VFromR, VFromG, VFromB = 112.0, -93.786, -18.214
)

// The way back, with Y as (Y-LumaBlack)/LumaRange, U and V as (U-ChromaZero)/ChromaSpan: R = Y + RFromV*V,
// G = Y + GFromU*U + GFromV*V, B = Y + BFromU*U.
const (
	RFromV         = 1.402
	GFromU, GFromV = -0.344136, -0.714136
	BFromU         = 1.772
)

// The same in fixed point with 16 fractional bits, for bytes on both sides.
const (
	yR, yG, yB = 16829, 33039, 6416
	uR, uG, uB = -9714, -19071, 28784
	vR, vG, vB = 28784, -24103, -4681

	rgbY   = 76309 // of Y-LumaBlack in R, G and B
	rV     = 104597
	gU, gV = -25675, -53279
	bU     = 132201
)

// ToYUV converts R, G, B of 0..255 to limited-range Y, U, V, not rounded.
func ToYUV(r, g, b float32) (y, u, v float32) {
	return LumaBlack + (YFromR*r+YFromG*g+YFromB*b)/255,
		ChromaZero + (UFromR*r+UFromG*g+UFromB*b)/255,
		ChromaZero + (VFromR*r+VFromG*g+VFromB*b)/255
}
