//go:build !linux || !(amd64 || arm64 || arm || 386 || riscv64 || loong64)

package virtualcamera

import "errors"

// ErrElsewhere says that this system has no such cameras.
var ErrElsewhere = errors.New("virtual cameras are written on Linux only; elsewhere let OBS show the page /view/SESSION as a browser source, and start its virtual camera")

func openKernel(string) (kernel, error) { return nil, ErrElsewhere }

// Hint says how to come by a virtual camera.
func Hint() string { return ErrElsewhere.Error() }

// Found is a virtual camera of this machine.
type Found struct{ Path, Label string }

// List finds none here.
func List() []Found { return nil }
