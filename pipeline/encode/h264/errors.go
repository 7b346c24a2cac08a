package h264

import "errors"

// What can go wrong. Each is wrapped with the operand.
var (
	ErrConfig  = errors.New("h264: setting out of range")
	ErrEncoder = errors.New("h264: openh264 refused")
	ErrSize    = errors.New("h264: picture does not match the encoder")
	ErrPTS     = errors.New("h264: presentation time does not advance")
	ErrClosed  = errors.New("h264: closed")
)
