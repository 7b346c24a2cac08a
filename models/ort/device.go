package ort

import (
	"fmt"
	"strconv"
	"strings"
)

// Device is what computes a Session: the CPU (zero value), or a GPU by CUDA.
//
// Not verified: no machine with a GPU was at hand, so nothing here has run on one. What was seen is what a library
// without CUDA, and one with CUDA but without a GPU, say.
type Device struct {
	CUDA  bool
	Index int // of the GPU, from 0
}

// ParseDevice reads cpu, cuda or cuda:N.
func ParseDevice(s string) (Device, error) {
	name, index, numbered := strings.Cut(s, ":")
	switch {
	case s == "cpu":
		return Device{}, nil
	case name == "cuda" && !numbered:
		return Device{CUDA: true}, nil
	case name == "cuda":
		if n, err := strconv.Atoi(index); err == nil && n >= 0 && n < 64 {
			return Device{CUDA: true, Index: n}, nil
		}
	}
	return Device{}, fmt.Errorf("device %q: use cpu, cuda, or cuda:N with N from 0", s)
}

// String is what ParseDevice reads.
func (d Device) String() string {
	if !d.CUDA {
		return "cpu"
	}
	return fmt.Sprintf("cuda:%d", d.Index)
}
