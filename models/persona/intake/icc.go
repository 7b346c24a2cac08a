package intake

import (
	"encoding/binary"
	"errors"
	"image"
	"math"
)

// maxProfile bounds an ICC profile; common ones have 0.5 to 4 kB, scanners' up to 1 MB.
const maxProfile = 4 << 20

var errProfile = errors.New("not a profile of three curves and a matrix")

// profile brings 8-bit colours of a device to sRGB: a curve for each channel, then a matrix in linear light.
type profile struct {
	curves [3][256]float64 // to linear light, 0..1
	matrix [9]float64      // row-major, linear device colours to linear sRGB
}

// parseProfile reads an ICC profile (version 2 or 4) for RGB with matrix and curves, or for grey with a curve.
func parseProfile(data []byte) (*profile, error) {
	if len(data) < 132 || string(data[36:40]) != "acsp" {
		return nil, errProfile
	}
	tags := profileTags(data)
	space := string(data[16:20])
	if space == "GRAY" {
		curve, err := parseCurve(tags["kTRC"])
		if err != nil {
			return nil, err
		}
		return &profile{curves: [3][256]float64{curve, curve, curve}, matrix: [9]float64{1, 0, 0, 0, 1, 0, 0, 0, 1}}, nil
	}
	if space != "RGB " || string(data[20:24]) != "XYZ " {
		return nil, errProfile
	}
	var p profile
	var toXYZ [9]float64
	for i, name := range []string{"r", "g", "b"} {
		curve, err := parseCurve(tags[name+"TRC"])
		if err != nil {
			return nil, err
		}
		p.curves[i] = curve
		xyz := tags[name+"XYZ"]
		if len(xyz) < 20 || string(xyz[:4]) != "XYZ " {
			return nil, errProfile
		}
		for k := range 3 {
			toXYZ[3*k+i] = fixed(xyz[8+4*k:])
		}
	}
	p.matrix = product(xyzToSRGB(), toXYZ)
	if err := p.sane(); err != nil {
		return nil, err
	}
	return &p, nil
}

// sane holds the profile to white staying about white.
func (p *profile) sane() error {
	for k := range 3 {
		white := p.matrix[3*k] + p.matrix[3*k+1] + p.matrix[3*k+2]
		if !(white > 0.9 && white < 1.1) {
			return errProfile
		}
	}
	return nil
}

// xyzToSRGB is the inverse of the sRGB primaries as ICC profiles hold them, adapted to D50.
func xyzToSRGB() [9]float64 {
	return [9]float64{
		3.1338561, -1.6168667, -0.4906146,
		-0.9787684, 1.9161415, 0.0334540,
		0.0719453, -0.2289914, 1.4052427,
	}
}

func product(a, b [9]float64) (c [9]float64) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				c[3*i+j] += a[3*i+k] * b[3*k+j]
			}
		}
	}
	return c
}

// profileTags finds the tagged elements; those that reach beyond the data are left out.
func profileTags(data []byte) map[string][]byte {
	tags := map[string][]byte{}
	for i := range int(min(binary.BigEndian.Uint32(data[128:]), 128)) {
		pos := 132 + 12*i
		if pos+12 > len(data) {
			break
		}
		at, size := uint64(binary.BigEndian.Uint32(data[pos+4:])), uint64(binary.BigEndian.Uint32(data[pos+8:]))
		if at+size <= uint64(len(data)) {
			tags[string(data[pos:pos+4])] = data[at : at+size]
		}
	}
	return tags
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// parseCurve samples a curv or para element at the 256 values of a byte.
func parseCurve(b []byte) (curve [256]float64, err error) {
	if len(b) < 12 {
		return curve, errProfile
	}
	var f func(x float64) float64
	switch string(b[:4]) {
	case "curv":
		f, err = sampledCurve(b)
	case "para":
		f, err = parametricCurve(b)
	default:
		err = errProfile
	}
	if err != nil {
		return curve, err
	}
	for i := range curve {
		v := f(float64(i) / 255)
		if math.IsNaN(v) {
			return curve, errProfile
		}
		curve[i] = max(0, min(1, v))
	}
	return curve, nil
}

func sampledCurve(b []byte) (func(float64) float64, error) {
	n := int(binary.BigEndian.Uint32(b[8:]))
	if n < 0 || n > (len(b)-12)/2 {
		return nil, errProfile
	}
	switch n {
	case 0:
		return func(x float64) float64 { return x }, nil
	case 1:
		gamma := float64(binary.BigEndian.Uint16(b[12:])) / 256
		return func(x float64) float64 { return math.Pow(x, gamma) }, nil
	}
	return func(x float64) float64 {
		at := x * float64(n-1)
		i := min(int(at), n-2)
		lo := float64(binary.BigEndian.Uint16(b[12+2*i:]))
		hi := float64(binary.BigEndian.Uint16(b[14+2*i:]))
		return (lo + (hi-lo)*(at-float64(i))) / 65535
	}, nil
}

// parametricCurve reads the five kinds of ICC.1:2010 10.15: y = (a x + b)^g + e above d, c x + f below.
func parametricCurve(b []byte) (func(float64) float64, error) {
	kind := int(binary.BigEndian.Uint16(b[8:]))
	if kind > 4 || len(b) < 12+4*[]int{1, 3, 4, 5, 7}[kind] {
		return nil, errProfile
	}
	at := func(i int) float64 { return fixed(b[12+4*i:]) }
	g, a, bb, c, d, e, f := at(0), 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
	if kind >= 1 {
		a, bb = at(1), at(2)
	}
	switch kind {
	case 1, 2:
		if a == 0 {
			return nil, errProfile
		}
		d = -bb / a
		if kind == 2 {
			e, f = at(3), at(3)
		}
	case 3, 4:
		c, d = at(3), at(4)
		if kind == 4 {
			e, f = at(5), at(6)
		}
	}
	return func(x float64) float64 {
		if x >= d {
			return math.Pow(max(0, a*x+bb), g) + e
		}
		return c*x + f
	}, nil
}

// levels is the resolution of the table from linear light to bytes.
const levels = 1 << 14

// apply converts img, premultiplied, in place. A profile that is sRGB within rounding changes nothing.
func (p *profile) apply(img *image.RGBA) {
	gamma := make([]uint8, levels+1)
	for i := range gamma {
		gamma[i] = uint8(255*encodeSRGB(float64(i)/levels) + 0.5)
	}
	t := transform{gamma: gamma}
	for k := range 3 {
		for i, v := range p.curves[k] {
			t.curves[k][i] = float32(v)
		}
	}
	for i, v := range p.matrix {
		t.matrix[i] = float32(v * levels)
	}
	if t.isIdentity() {
		return
	}
	for pix := img.Pix; len(pix) >= 4; pix = pix[4:] {
		switch a := pix[3]; a {
		case 0:
		case 255:
			pix[0], pix[1], pix[2] = t.convert(pix[0], pix[1], pix[2])
		default:
			straight := func(v uint8) uint8 { return uint8(min(255, (uint32(v)*255+uint32(a)/2)/uint32(a))) }
			again := func(v uint8) uint8 { return uint8((uint32(v)*uint32(a) + 127) / 255) }
			r, g, b := t.convert(straight(pix[0]), straight(pix[1]), straight(pix[2]))
			pix[0], pix[1], pix[2] = again(r), again(g), again(b)
		}
	}
}

// transform is a profile made fast.
type transform struct {
	curves [3][256]float32
	matrix [9]float32 // times levels
	gamma  []uint8
}

func (t *transform) convert(r, g, b uint8) (uint8, uint8, uint8) {
	lr, lg, lb := t.curves[0][r], t.curves[1][g], t.curves[2][b]
	m := &t.matrix
	return t.gamma[level(m[0]*lr+m[1]*lg+m[2]*lb)],
		t.gamma[level(m[3]*lr+m[4]*lg+m[5]*lb)],
		t.gamma[level(m[6]*lr+m[7]*lg+m[8]*lb)]
}

func level(v float32) int { return int(max(0, min(levels, v+0.5))) }

// isIdentity tries a grid of colours; differences up to 2 of 255 are rounding in the profile.
func (t *transform) isIdentity() bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 2 }
	for i := range 6 * 6 * 6 {
		r, g, b := uint8(i%6*51), uint8(i/6%6*51), uint8(i/36*51)
		if x, y, z := t.convert(r, g, b); !near(x, r) || !near(y, g) || !near(z, b) {
			return false
		}
	}
	return true
}

func encodeSRGB(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}
