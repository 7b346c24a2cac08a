package pipeline

import (
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Subject is a persona made ready by a Generator for one session and one picture size.
// Only the generator that made it looks inside.
type Subject interface {
	// Rest is the portrait's face at rest. It is constant; subjects that give the same pointer are the same portrait, and
	// the driver goes on from one to the other as if nothing had happened.
	Rest() *motion.Rest
	// Close gives back what the subject holds; it is called once. A subject that belongs to a session is closed on the
	// loop's goroutine, as long as the loop runs; one that nobody has taken, or whose loop has ended, wherever its owner is.
	Close()
}

// Job asks for one picture. State and Dst belong to the session and stay valid during Generate only.
type Job struct {
	Subject Subject
	State   *motion.State
	Dst     *frame.I420 // written whole, with its matte if it has one, unless Err is set
	Bare    *frame.I420 // where wide pictures are wanted, otherwise nil: gets the picture of Dst without badge and marker
	Behind  Behind      // set by the generator: what the picture is drawn over
	Badge   Badge       // set by the generator where there is Bare: what wide pictures get instead; they have no marker
	Drawn   time.Time   // set by the generator where a second layer painted on the first: when the first was done

	// What the layers took of the thread that they were called on, set by the generator where it knows; of a device that is not a
	// processor, how long it kept that thread. What is not said is shared by the jobs of a batch.
	First, Second time.Duration

	Err error // set by the generator: this picture failed, the others of the batch did not
}

// Behind is what pictures are drawn over. Its pictures are shared and never change.
type Behind struct {
	Square *frame.I420 // the background as Dst shows it; set where Dst has a matte
	Wide   *frame.I420 // where there is Bare, WideWidth x WideHeight: what goes on beside the square, the portrait at rest in the middle; nil while it is made
}

// Badge is drawn into wide pictures, on any goroutine.
type Badge interface {
	Draw(f *frame.I420)
}

// Generator draws pictures on one device. Generate is called only from the loop's goroutine, which is locked
// to its OS thread; a batch has at least one job and never two of one session. One that has a method Close() is closed when the
// loop has ended.
type Generator interface {
	Generate(batch []Job)
}

// AtOnce is a Generator that draws so many pictures in about the time of one, 0: as many as there are. No batch is larger, so that
// whoever comes first does not wait for the others.
type AtOnce interface {
	AtOnce() int
}

// Encoder compresses the pictures of one rendition. It is called from one goroutine at a time.
type Encoder interface {
	// Encode appends nothing, it refills dst.Data and sets dst.Key, and leaves the rest of dst alone; empty Data means
	// that the rate control dropped the picture. pts must grow. The first frame is a keyframe, and every one with key.
	Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error
	// SetBitrate aims at bps bit/s from the next frame on.
	SetBitrate(bps int) error
	// SetRate tells how many pictures a second come from the next one on; it is made for Config.FPS.
	SetRate(fps int) error
	Close() error
}

// Encoders makes the encoder of a rendition, whose Edge and MaxBPS are never 0 here. It is called from many goroutines.
type Encoders func(Rendition) (Encoder, error)

// Sink takes compressed frames to one viewer, one at a time; the first, and the first of another size, is a keyframe.
type Sink interface {
	// WriteFrame takes one frame and stamps trace.Sent. f is the viewer's own until WriteFrame returns, but f.Data is
	// shared with other viewers and must not be changed, and neither is kept. An error costs this viewer this frame.
	// WriteFrame must not block, on the network or anything else: the other viewers of the rendition wait for it.
	// Counts.Slow says how often it did. It must not call Viewer.Leave, nor View, Counts or Close
	// of the session.
	WriteFrame(f *frame.Encoded) error
}
