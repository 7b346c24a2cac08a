package pipeline

import "errors"

var (
	// ErrFull: there is no room for another session, or for more requests of one; try again when one has ended.
	ErrFull = errors.New("pipeline: the server is full; try again when somebody has left")
	// ErrClosed: the session or its loop has ended.
	ErrClosed = errors.New("pipeline: closed")
)
