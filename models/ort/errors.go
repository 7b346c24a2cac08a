package ort

import "errors"

var (
	// ErrNoLibrary says that the shared library of ONNX Runtime is missing or cannot be loaded.
	ErrNoLibrary = errors.New("ONNX Runtime is not available")
	// ErrInUse says that another Runtime of this process is open, or a Session of this one still is.
	ErrInUse = errors.New("ONNX Runtime is still in use")
	// ErrModel says that a model file cannot be loaded or lacks a port that the caller needs.
	ErrModel = errors.New("not a model that can be used here")
	// ErrNoCUDA says that the library cannot compute on the GPU that was asked for. Errors that wrap it say what is missing.
	ErrNoCUDA = errors.New("no computing on the GPU")
	// ErrMemory says that the GPU has not enough memory left.
	ErrMemory = errors.New("the GPU's memory is full")
	// ErrClosed says that the Runtime or Session has been closed.
	ErrClosed = errors.New("already closed")
)
