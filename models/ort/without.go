//go:build !cgo

package ort

import "fmt"

// Runtime is never there in a program that was built without C, of which the library is; all that needs none can be built and
// tested so.
type Runtime struct{}

// Session is never there either.
type Session struct{}

// New always fails, with ErrNoLibrary.
func New(string) (*Runtime, error) {
	return nil, fmt.Errorf("%w: this program was built without cgo; build it with CGO_ENABLED=1 and a C compiler", ErrNoLibrary)
}

// What follows is for compilers alone: nobody has one to call it on.

func (r *Runtime) Version() string { return "" }

func (r *Runtime) Close() error { return ErrClosed }

func (r *Runtime) HasCUDA() error { return ErrNoCUDA }

func (r *Runtime) Load(string, Options) (*Session, error) { return nil, ErrClosed }

func (r *Runtime) LoadBytes(string, []byte, Options) (*Session, error) { return nil, ErrClosed }

func (s *Session) Run() error { return ErrClosed }

func (s *Session) Input(string, ...int) ([]float32, error) { return nil, ErrClosed }

func (s *Session) Output(string, ...int) ([]float32, error) { return nil, ErrClosed }

func (s *Session) InputBytes(string, ...int) ([]byte, error) { return nil, ErrClosed }

func (s *Session) OutputBytes(string, ...int) ([]byte, error) { return nil, ErrClosed }

func (s *Session) Ports() (inputs, outputs []Port) { return nil, nil }

func (s *Session) Close() error { return nil }
