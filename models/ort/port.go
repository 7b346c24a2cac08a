package ort

import "fmt"

// Options say how a model runs. The zero value is one thread on the CPU, which is also the fastest choice for the small
// networks here: a second thread costs the encoder more than it gains.
type Options struct {
	// Threads is the number of threads inside one operator; 0 means 1. Idle threads sleep, they never spin.
	Threads int
	// Device computes; the zero value is the CPU. On CUDA the whole network must have CUDA kernels, nothing moves to
	// the CPU behind the caller's back.
	Device Device
	// Batch stands for a first dimension that the model leaves open; 0 allows none.
	Batch int
}

// Port describes an input or output: its name, its fixed shape, and whether its elements are bytes instead of float32.
type Port struct {
	Name  string
	Shape []int
	Bytes bool
}

// Size is the number of bytes that the port holds.
func (p *Port) Size() int {
	n := 4
	if p.Bytes {
		n = 1
	}
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

func (p Port) kind() string {
	if p.Bytes {
		return fmt.Sprintf("uint8 %v", p.Shape)
	}
	return fmt.Sprintf("float32 %v", p.Shape)
}
