package tflite

import (
	"errors"
	"math"
	"testing"
)

// cropModel chains the custom operators: the input's 16 x 12 pixels of 3 values are also 192 landmarks, whose box is
// cropped to 4 x 6; or, with points set, landmarks of the crop are taken back to the input.
func cropModel(points bool) []byte {
	var b modelBuilder
	in := b.tensor(Float32, nil, 1, 12, 16, 3)
	marks := b.tensor(Float32, nil, 1, 192, 3)
	b.op(opReshape, "", nil, nil, []int{in}, marks)
	matrix := b.tensor(Float32, nil, 1, 4, 4)
	b.op(opCustom, "Landmarks2TransformMatrix", nil, flexMapBytes(map[string]any{
		"subset_idxs": []int{0, 1, 2, 3}, "left_rotation_idx": 4, "right_rotation_idx": 5,
		"target_rotation_radians": float32(0.2), "output_height": 6, "output_width": 4,
		"scale_x": float32(1.5), "scale_y": float32(1.25),
	}), []int{marks}, matrix)
	b.inputs = []int{in}
	if points {
		flat := b.tensor(Float32, nil, 1, 288, 2)
		b.op(opReshape, "", nil, nil, []int{in}, flat)
		out := b.tensor(Float32, nil, 1, 288, 2)
		b.op(opCustom, "TransformLandmarks", nil, nil, []int{flat, matrix}, out)
		b.outputs = []int{out}
		return b.bytes()
	}
	out := b.tensor(Float32, nil, 1, 6, 4, 3)
	b.op(opCustom, "TransformTensorBilinear", nil, flexMapBytes(map[string]any{"output_height": 6, "output_width": 4}),
		[]int{in, matrix}, out)
	b.outputs = []int{out}
	return b.bytes()
}

// cropMatrix is the matrix of cropModel, worked out with angles.
func cropMatrix(x []float32) (m [2][3]float64) {
	at := func(i int) (float64, float64) { return float64(x[3*i]), float64(x[3*i+1]) }
	lx, ly := at(4)
	rx, ry := at(5)
	turn := 0.2 - math.Atan2(ry-ly, rx-lx)
	sin, cos := math.Sincos(turn)
	lowX, lowY, highX, highY := 1e9, 1e9, -1e9, -1e9
	for i := range 4 {
		px, py := at(i)
		qx, qy := px*cos-py*sin, px*sin+py*cos
		lowX, highX, lowY, highY = min(lowX, qx), max(highX, qx), min(lowY, qy), max(highY, qy)
	}
	midX, midY := (lowX+highX)/2, (lowY+highY)/2
	sx, sy := 1.5*(highX-lowX)/4, 1.25*(highY-lowY)/6
	m[0] = [3]float64{cos * sx, sin * sy, midX*cos + midY*sin}
	m[1] = [3]float64{-sin * sx, cos * sy, -midX*sin + midY*cos}
	for i := range m {
		m[i][2] -= 2*m[i][0] + 3*m[i][1]
	}
	return m
}

func TestCustomOperators(t *testing.T) {
	p := picture{12, 16, 3, random(12*16*3, 9)}
	copy(p.v, []float32{5, 4, 0, 9, 3, 0, 10, 6, 0, 7, 8, 0, 6, 5, 0, 9, 6.5, 0})
	m := cropMatrix(p.v)
	near(t, "sampled", run(t, cropModel(false), p.v), each(6, 4, 3, func(y, x, c int) float32 {
		u := m[0][0]*(float64(x)+0.5) + m[0][1]*(float64(y)+0.5) + m[0][2] - 0.5
		v := m[1][0]*(float64(x)+0.5) + m[1][1]*(float64(y)+0.5) + m[1][2] - 0.5
		x0, y0 := int(math.Floor(u)), int(math.Floor(v))
		fu, fv := float32(u-math.Floor(u)), float32(v-math.Floor(v))
		return (1-fv)*((1-fu)*p.at(y0, x0, c)+fu*p.at(y0, x0+1, c)) + fv*((1-fu)*p.at(y0+1, x0, c)+fu*p.at(y0+1, x0+1, c))
	}))
	var want []float32
	for i := range 288 {
		x, y := float64(p.v[2*i]), float64(p.v[2*i+1])
		want = append(want, float32(m[0][0]*x+m[0][1]*y+m[0][2]), float32(m[1][0]*x+m[1][1]*y+m[1][2]))
	}
	near(t, "landmarks", run(t, cropModel(true), p.v), want)
}

func TestFlex(t *testing.T) {
	good := flexMapBytes(map[string]any{"n": -7, "x": float32(0.5), "list": []int{3, -1, 4}})
	m, err := readFlex(good)
	if err != nil {
		t.Fatal(err)
	}
	n, err1 := m.real("n")
	x, err2 := m.real("x")
	list, err3 := m.ints("list")
	if err := errors.Join(err1, err2, err3); err != nil || n != -7 || x != 0.5 || len(list) != 3 || list[1] != -1 {
		t.Errorf("%v %v %v %v", n, x, list, err)
	}
	if _, err := m.real("none"); !errors.Is(err, ErrMalformed) {
		t.Errorf("a missing number: %v", err)
	}
	if _, err := m.ints("x"); !errors.Is(err, ErrMalformed) {
		t.Errorf("a number read as a list: %v", err)
	}
	for cut := range good {
		if m, err := readFlex(good[cut:]); err == nil && cut > 0 {
			_, _ = m.real("n")
			_, _ = m.ints("list")
		}
		_, _ = readFlex(good[:cut])
	}
}
