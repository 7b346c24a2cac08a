package frame

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// Encoded is one compressed picture. Data belongs to whoever holds the struct and is reused: an encoder
// truncates and refills it, a sink that keeps bytes copies them.
type Encoded struct {
	Data  []byte        // one VP8 frame, or one H.264 access unit in Annex B
	Key   bool          // decodable without earlier frames
	PTS   time.Duration // presentation time since the session began
	Trace trace.Frame
}
