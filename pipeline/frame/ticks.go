package frame

import "time"

// ClockRate is that of RTP video, in ticks a second.
const ClockRate = 90_000

// Ticks converts a presentation time to the clock of RTP video: exactly, rounding down, so that errors never add up.
// An RTP timestamp and an encoder's PTS that both come from here are the same number.
func Ticks(pts time.Duration) int64 {
	s, ns := int64(pts/time.Second), int64(pts%time.Second)
	return s*ClockRate + ns*ClockRate/int64(time.Second)
}
