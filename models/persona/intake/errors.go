package intake

import "fmt"

// Codes of Error; they are part of the HTTP interface.
const (
	CodeEmpty             = "empty"
	CodeNotAnImage        = "not_an_image"
	CodeTruncated         = "truncated"
	CodeDamaged           = "damaged"
	CodeTooLargeBytes     = "too_large_bytes"
	CodeTooLargePixels    = "too_large_pixels"
	CodeTooComplex        = "too_complex"
	CodeTooSmall          = "too_small"
	CodeUnsupportedHEIC   = "unsupported_heic"
	CodeUnsupportedAVIF   = "unsupported_avif"
	CodeUnsupportedFormat = "unsupported_format"
)

// Error is a refusal in one plain sentence, with a code for machines.
type Error struct {
	code, message string
	cause         error
}

// NewError makes an Error. message is a whole sentence that says what is wrong and what to do; cause may be nil
// and is only for Unwrap.
func NewError(code, message string, cause error) *Error {
	return &Error{code: code, message: message, cause: cause}
}

func (e *Error) Error() string { return e.message }

// Code is one of the Code constants of the package that made the error.
func (e *Error) Code() string { return e.code }

// Unwrap gives the error beneath, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Note tells something about a picture that was read nevertheless.
type Note struct{ Code, Message string }

// Codes of Note.
const (
	NoteAnimated       = "animated"
	NoteTransparent    = "transparent"
	NoteCMYK           = "cmyk"
	NoteProfileIgnored = "color_profile_ignored"
)

func refuse(code, format string, args ...any) *Error {
	return NewError(code, fmt.Sprintf(format, args...), nil)
}
