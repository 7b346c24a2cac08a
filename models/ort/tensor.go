//go:build cgo

package ort

import (
	onnx "github.com/yalue/onnxruntime_go"
)

// bound is a port with its memory. The library keeps a plain pointer to that memory: the session holds the slice, and
// thereby the memory, as long as the library may use it.
type bound struct {
	port   Port
	floats []float32
	bytes  []byte
	value  onnx.Value
}

// bind allocates the memory of every port. After an error it returns those bound so far, for the caller to release.
func bind(list []Port) ([]bound, error) {
	var out []bound
	for _, p := range list {
		shape := make(onnx.Shape, len(p.Shape))
		n := 1
		for i, d := range p.Shape {
			shape[i] = int64(d)
			n *= d
		}
		b := bound{port: p}
		var err error
		if p.Bytes {
			b.bytes = make([]byte, n)
			b.value, err = onnx.NewTensor(shape, b.bytes)
		} else {
			b.floats = make([]float32, n)
			b.value, err = onnx.NewTensor(shape, b.floats)
		}
		if err != nil {
			return out, err
		}
		out = append(out, b)
	}
	return out, nil
}

// halves splits bound ports into the two lists that the library wants.
func halves(list []bound) ([]string, []onnx.Value) {
	names := make([]string, len(list))
	values := make([]onnx.Value, len(list))
	for i, b := range list {
		names[i], values[i] = b.port.Name, b.value
	}
	return names, values
}
