package pipeline

import "errors"

var (
	// ErrFull says that there is no room for another session. Only Admission says so.
	ErrFull = errors.New("pipeline: the server is full; try again when somebody has left")
	// ErrViewers says that one session has as many viewers, or as many different renditions, as it may.
	ErrViewers = errors.New("pipeline: this session has as many viewers as it can serve; try again when one has left")
	// ErrRendition says that a picture cannot be had in this form.
	ErrRendition = errors.New("pipeline: there is no such rendition")
	// ErrClosed says that the session or its loop has ended.
	ErrClosed = errors.New("pipeline: closed")
)
