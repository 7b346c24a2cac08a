package pipeline

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Subject is a persona made ready by a Generator for one session and one picture size.
// Only the generator that made it looks inside.
type Subject interface {
	// Rest is the portrait's face at rest. It is constant.
	Rest() *motion.Rest
	// Close gives back what the subject holds; called once, on the loop's goroutine.
	Close()
}

// Job asks for one picture. State and Dst belong to the session and stay valid during Generate only.
type Job struct {
	Subject Subject
	State   *motion.State
	Dst     *frame.I420 // written whole, unless Err is set
	Drawn   time.Time   // set by the generator where a second layer painted on the first: when the first was done
	Err     error       // set by the generator: this picture failed, the others of the batch did not
}

// Generator draws pictures on one device. Generate is called only from the loop's goroutine, which is locked
// to its OS thread; a batch has at least one job and never two of one session.
type Generator interface {
	Generate(batch []Job)
}

// Mover turns a driver's samples into the portrait's motion. It is called only from the loop's goroutine.
type Mover interface {
	// Feed takes the newest sample, which arrived at now; a lost sample counts as no face.
	Feed(s *landmark.Sample, now time.Time)
	// Pose writes the motion to draw at now, whether or not a sample came.
	Pose(dst *motion.State, now time.Time)
	// SetRest changes the portrait; the next Pose is for the new one.
	SetRest(rest *motion.Rest)
	// Calibrate takes the driver's next good sample as the neutral.
	Calibrate()
}

// Encoder compresses the pictures of one session. It is called from one goroutine at a time.
type Encoder interface {
	// Encode appends nothing, it refills dst.Data and sets dst.Key; empty Data means that the rate control
	// dropped the picture. pts must grow.
	Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error
	SetBitrate(bps int) error
	Close() error
}

// Sink takes compressed frames to one viewer. WriteFrame must not block on the network and must not keep
// f after it returns; it stamps trace.Sent.
type Sink interface {
	WriteFrame(f *frame.Encoded) error
}
