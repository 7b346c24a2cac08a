package rtc

import (
	"errors"
	"fmt"
)

// What a caller of this package can meet.
var (
	// ErrConfig: a setting is out of range; all faults are joined.
	ErrConfig = errors.New("setting out of range")
	// ErrClosed: the connection behind an Output, or the server, has ended.
	ErrClosed = errors.New("rtc: closed")
	// ErrSilent: the other side was not heard for as long as the peer's owner is ready to wait.
	ErrSilent = errors.New("rtc: other side is silent")
	// ErrBacklog: the browser does not read what it is sent; the message was dropped.
	ErrBacklog = errors.New("rtc: browser does not keep up")
	// ErrCodec: an Output was given a frame that its codec does not cover.
	ErrCodec = errors.New("rtc: not a frame of the negotiated codec")
)

// Code is a machine-readable reason on the wire; see signalling/PROTOCOL.md.
type Code string

// The codes of the signalling and of rtc's own control answers. A Host may use others in control answers.
const (
	CodeBadMessage     Code = "bad_message"
	CodeBadVersion     Code = "bad_version"
	CodeTooLarge       Code = "too_large"
	CodeTooFast        Code = "too_fast"
	CodeSessionTaken   Code = "session_taken"
	CodeNameTaken      Code = "name_taken"
	CodeDenied         Code = "denied"
	CodeUnknownPersona Code = "unknown_persona"
	CodeFull           Code = "full"
	CodeBadSDP         Code = "bad_sdp"
	CodeNoCodec        Code = "no_codec"
	CodeShuttingDown   Code = "shutting_down"
	CodeInternal       Code = "internal"
)

// Error is what the other side is told: a code and one sentence. A Host returns it (wrapped or not) from Open,
// View and Control; any other error reaches the browser as CodeInternal, and the log in full.
type Error struct {
	Code    Code
	Message string // one sentence for a person: what is wrong and what to do
	Fatal   bool   // in signalling: the websocket is closed after it
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("rtc: %s: %s", e.Code, e.Message) }

// Fail makes an Error that ends a connection.
func Fail(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Fatal: true}
}

// Refuse makes an Error that the connection survives.
func Refuse(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Public turns any error into what the other side may see of it.
func Public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Fail(CodeInternal, "something went wrong on the server; its log says what")
}
