package mouth

import "github.com/gioconda-live/gioconda/pipeline/num"

// toothRow is one row of teeth unrolled: brightness, gum share and opacity over arc length and height.
// Column c belongs to arc length (c - w/2)*step from the middle; row r to height (r-margin)*step: for the upper row above
// its edge, for the lower row below it. Lengths are head units.
type toothRow struct {
	w, h  int
	step  float32
	value []toothTexel
}

// margin are rows beyond the edge, into which a soft picture's teeth fade.
const margin = 10

// toothTexel is one sample: light 0..1, gum 0..1, opacity 0..1.
type toothTexel struct{ light, gum, a float32 }

// tooth is a crown: width and height in head units, how much its edge is set back from the row's, how pointed it is.
type tooth struct{ width, height, back, point float32 }

// upperTeeth lists one side from the middle: incisors, canine, premolars, molar (mean crown sizes in mm over 63 mm).
func upperTeeth() []tooth {
	return []tooth{
		{0.136, 0.165, 0, 0.10},
		{0.106, 0.145, 0.014, 0.22},
		{0.120, 0.155, 0.002, 0.55},
		{0.111, 0.130, 0.012, 0.45},
		{0.106, 0.120, 0.020, 0.35},
		{0.160, 0.115, 0.026, 0.2},
	}
}

// lowerTeeth lists one side of the lower row.
func lowerTeeth() []tooth {
	return []tooth{
		{0.084, 0.140, 0.004, 0.12},
		{0.094, 0.145, 0.002, 0.15},
		{0.109, 0.160, 0, 0.5},
		{0.111, 0.130, 0.010, 0.45},
		{0.113, 0.120, 0.018, 0.35},
		{0.170, 0.115, 0.022, 0.2},
	}
}

// newToothRow renders a row. scale enlarges the teeth.
func newToothRow(side []tooth, scale float32) *toothRow {
	const reach = 0.70 // of arc length to either side
	t := &toothRow{step: 0.008 * scale}
	t.w = int(2*reach/0.008) | 1
	t.h = 48 + margin
	t.value = make([]toothTexel, t.w*t.h)
	for r := range t.h {
		for c := range t.w {
			arc := num.Abs(float32(c-t.w/2)) * 0.008
			t.value[r*t.w+c] = crown(side, arc, float32(r-margin)*0.008)
		}
	}
	return t
}

// crown shades one point of a row, at arc length from the middle and height from the row's edge.
func crown(side []tooth, arc, height float32) toothTexel {
	start := float32(0)
	for _, k := range side {
		if arc > start+k.width {
			start += k.width
			continue
		}
		u := (arc-start)/k.width*2 - 1 // -1..1 over the tooth
		u2 := u * u
		// The biting edge curves up towards the neighbours, more for pointed teeth.
		edge := k.back + k.width*(0.10*u2*u2+k.point*0.22*u2)
		neck := k.height * (1 - 0.16*u2*u2)
		h := height - edge
		a := num.Smoothstep(-0.006, 0.010, h)
		gap := num.Smoothstep(0.80, 1.0, num.Abs(u)) * (0.14 + 0.16*num.Clamp01(1-2.5*h/k.height))
		light := (1 - 0.10*u2) * (1 - gap)
		light *= 0.90 + 0.10*num.Smoothstep(0, 0.6*k.height, h)
		gum := num.Smoothstep(neck-0.012, neck+0.012, height)
		return toothTexel{light, gum, a}
	}
	return toothTexel{}
}

// sample is bilinear; a point beyond the row is transparent.
func (t *toothRow) sample(arc, height float32) toothTexel {
	x, y := arc/t.step+float32(t.w/2), height/t.step+margin
	if !(x >= 0 && y >= 0 && x < float32(t.w-1) && y < float32(t.h-1)) {
		return toothTexel{}
	}
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	o := j*t.w + i
	a, b, c, d := &t.value[o], &t.value[o+1], &t.value[o+t.w], &t.value[o+t.w+1]
	return toothTexel{
		(a.light*(1-fx)+b.light*fx)*(1-fy) + (c.light*(1-fx)+d.light*fx)*fy,
		(a.gum*(1-fx)+b.gum*fx)*(1-fy) + (c.gum*(1-fx)+d.gum*fx)*fy,
		(a.a*(1-fx)+b.a*fx)*(1-fy) + (c.a*(1-fx)+d.a*fx)*fy,
	}
}
