package rtc

import (
	"context"
	"encoding/json"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// Drivable is what a peer that drives moves.
type Drivable interface {
	// Mailbox is where samples are put, from the goroutine that reads the data channel; the same one always.
	Mailbox() *latest.Slot[landmark.Arrival]
	// Control answers one request of the control channel, other than ping and keyframe. It is called from one
	// goroutine at a time per peer; ctx ends with the peer. body is the whole request, as JSON, and is not kept.
	// The answer, if any, encodes as a JSON object whose members join {"id":…,"ok":true}.
	Control(ctx context.Context, kind string, body json.RawMessage) (answer any, err error)
	// SendEventsTo gives the way to the browser for events. It is called each time the browser opens its control channel;
	// the newest counts.
	SendEventsTo(e *Events)
}

// Viewable is what a peer that views watches.
type Viewable interface {
	// View lets a peer watch, once its connection is up; frames are written to out until Viewer.Leave.
	// The first frame must be a keyframe.
	View(out *Output) (Viewer, error)
}

// Viewer is what a peer's network asks of what it watches.
type Viewer interface {
	// Keyframe makes one of the next frames decodable by itself. Every request of the other side is passed on, as many as
	// it sends: joining them is up to the Viewable. Must be cheap and must not block.
	Keyframe()
	// SetBitrate aims the encoder at bps bit/s; called when the estimate moves, at most ten times a second.
	// Must not block.
	SetBitrate(bps int)
	// Leave ends the watching; no frame is written after it returns. Called once.
	Leave()
}
