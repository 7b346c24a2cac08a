package pipeline

import "context"

// Exit carries a session somewhere until ctx ends; reconnecting is its own business.
type Exit interface {
	// Run returns nil when ctx ends, and an error when it gives up before.
	Run(ctx context.Context, from Feed) error
}

// Feed is where an exit gets its frames and its sound: a Session.
type Feed interface {
	// View is as in Session.View.
	View(r Rendition, to Sink) (*Viewer, error)
	// Listen is as in Session.Listen.
	Listen(to SoundSink) (*Listener, error)
}

var _ Feed = (*Session)(nil)
