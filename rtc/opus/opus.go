// Package opus reads how long packets of Opus last, without decoding them.
package opus

import (
	"errors"
	"time"
)

const (
	// ClockRate is that of RTP timestamps of Opus, in ticks a second, whatever was recorded (RFC 7587).
	ClockRate = 48_000
	// MaxSpan is the longest that a packet may last.
	MaxSpan = 120 * time.Millisecond
	// MinSpan is the shortest; every other is a multiple of it.
	MinSpan = 2500 * time.Microsecond
)

// ErrPacket: the bytes are no packet of Opus.
var ErrPacket = errors.New("not a packet of Opus")

// Span is how long a packet lasts, by its first one or two bytes (RFC 6716, section 3.1): MinSpan to MaxSpan. It fails with
// ErrPacket.
func Span(packet []byte) (time.Duration, error) {
	if len(packet) == 0 {
		return 0, ErrPacket
	}
	frames := 1
	switch packet[0] & 3 {
	case 1: // two frames of one size
		if len(packet)%2 == 0 {
			return 0, ErrPacket
		}
		frames = 2
	case 2:
		frames = 2
	case 3: // as many as the second byte says
		if len(packet) < 2 {
			return 0, ErrPacket
		}
		frames = int(packet[1] & 0x3f)
	}
	span := time.Duration(frames) * frameSpan(packet[0]>>3)
	if span == 0 || span > MaxSpan {
		return 0, ErrPacket
	}
	return span, nil
}

// frameSpan is how long one frame of a configuration (0 to 31) lasts.
func frameSpan(configuration byte) time.Duration {
	switch step := configuration & 3; {
	case configuration >= 16: // CELT: 2.5, 5, 10, 20 ms
		return MinSpan << step
	case configuration >= 12: // hybrid: 10, 20 ms
		return 10 * time.Millisecond << (step & 1)
	case step == 3: // SILK: 10, 20, 40, 60 ms
		return 60 * time.Millisecond
	default:
		return 10 * time.Millisecond << step
	}
}

// Ticks converts a time to ClockRate, rounding down.
func Ticks(d time.Duration) int64 {
	s, ns := int64(d/time.Second), int64(d%time.Second)
	return s*ClockRate + ns*ClockRate/int64(time.Second)
}

// Duration is the time of a number of ticks.
func Duration(ticks int64) time.Duration {
	return time.Duration(ticks/ClockRate)*time.Second + time.Duration(ticks%ClockRate)*time.Second/ClockRate
}
