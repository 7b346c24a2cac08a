package vp8

import "errors"

// What can go wrong. Each is wrapped with the operand.
var (
	ErrConfig = errors.New("vp8: setting out of range")
	ErrLibvpx = errors.New("vp8: libvpx refused")
	ErrSize   = errors.New("vp8: picture does not match the encoder")
	ErrPTS    = errors.New("vp8: presentation time does not advance")
	ErrClosed = errors.New("vp8: closed")
)
