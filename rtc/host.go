package rtc

import (
	"context"
	"encoding/json"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// Host opens sessions. Its method is called from many goroutines at once.
type Host interface {
	// Open makes a session ready to be driven. ctx ends when the browser leaves or the server closes.
	// An *Error tells the browser why not (CodeUnknownPersona, CodeFull).
	Open(ctx context.Context, o OpenOptions) (Session, error)
}

// OpenOptions is what a browser asked for in its hello.
type OpenOptions struct {
	ID      string // of the session, for logs; not secret
	Persona string // "" is the host's default
}

// Session is one driver with one persona, as rtc sees it. It outlives connections by Config.Grace.
// At most one browser views it at a time.
type Session interface {
	// Info tells what is in force; called at each hello.
	Info() Info
	// Mailbox is where samples are put, from the goroutine that reads the data channel; the same one always.
	Mailbox() *latest.Slot[landmark.Arrival]
	// Control answers one request of the control channel, other than ping and keyframe. It is called from one
	// goroutine at a time per connection; ctx ends with the connection. body is the whole request, as JSON, and
	// is not kept. The answer, if any, encodes as a JSON object whose members join {"id":…,"ok":true}.
	Control(ctx context.Context, kind string, body json.RawMessage) (answer any, err error)
	// View lets a browser watch, once its connection is up; the session writes frames to out until Viewer.Leave.
	// The first frame must be a keyframe.
	View(out *Output) (Viewer, error)
	// Close ends the session, all viewers having left. Called once.
	Close()
}

// Viewer is what a browser's network asks of the session that it watches.
type Viewer interface {
	// Keyframe makes one of the next frames decodable by itself. Every request of the browser is passed on, as many as it
	// sends: joining them is up to the session. Must be cheap and must not block.
	Keyframe()
	// SetBitrate aims the encoder at bps bit/s; called when the estimate moves, at most ten times a second.
	// Must not block.
	SetBitrate(bps int)
	// Leave ends the watching; no frame is written after it returns. Called once.
	Leave()
}

// Info is what a browser is told about its session.
type Info struct {
	Persona string // id of the persona in force
	Size    int    // side of the picture, in pixels
	// Generator names the learned layer, or is "mesh"; GeneratorNote says to a person why it is not what was asked for.
	Generator, GeneratorNote string
}
