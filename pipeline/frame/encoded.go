package frame

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// Encoded is one compressed picture. Data belongs to whoever holds the struct and is reused: an encoder
// truncates and refills it, a sink that keeps bytes copies them.
type Encoded struct {
	Data  []byte        // one VP8 frame, one H.264 access unit in Annex B, or the planes of an I420
	Key   bool          // decodable without earlier frames
	PTS   time.Duration // presentation time since the session began
	Trace trace.Frame
}

// ClockRate is that of RTP video, in ticks a second. Encoders count in it too, so that an RTP timestamp is exactly the
// encoder's PTS.
const ClockRate = 90_000

// Ticks converts a presentation time to ClockRate, rounding down, without drift.
func Ticks(pts time.Duration) int64 {
	s, ns := int64(pts/time.Second), int64(pts%time.Second)
	return s*ClockRate + ns*ClockRate/int64(time.Second)
}
