package pipeline

import "errors"

var (
	// ErrFull: the loop has as many sessions as it may have; try again when one has ended.
	ErrFull = errors.New("pipeline: the server is full; try again when somebody has left")
	// ErrClosed: the session or its loop has ended.
	ErrClosed = errors.New("pipeline: closed")
)
