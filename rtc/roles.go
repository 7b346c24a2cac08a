package rtc

import (
	"context"
	"encoding/json"
	"time"

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

// Audible is what hears the microphone of a peer that drives.
type Audible interface {
	// Hear takes a packet of Opus that began to sound at a time of this machine's clock, and lasts for span. It is called from
	// one goroutine at a time per peer, in order; packet is not kept. A silent microphone sends none. Must not block.
	Hear(packet []byte, span time.Duration, at time.Time)
}

// Viewable is what a peer that views watches.
type Viewable interface {
	// View lets a peer watch, once its connection is up; frames are written to out until Viewer.Leave.
	// The first frame must be a keyframe.
	View(out *Output) (Viewer, error)
}

// Listenable is what a peer that views hears.
type Listenable interface {
	// Listen lets a peer hear, once its connection is up and if it takes sound; packets are written to out until
	// Listener.Leave.
	Listen(out *AudioOutput) (Listener, error)
}

// Listener is one that listens.
type Listener interface {
	// Leave ends the listening; no packet is written after it returns. Called once.
	Leave()
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
