package signalling

import (
	"context"

	"github.com/gioconda-live/gioconda/rtc"
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

// Session is one driver with one persona, as its browser sees it. It outlives connections by ServerConfig.Grace.
// At most one browser drives it, and views it, at a time.
type Session interface {
	rtc.Drivable
	rtc.Viewable
	// Info tells what is in force; called at each hello.
	Info() Info
	// Close ends the session, all viewers having left. Called once.
	Close()
}

// Info is what a browser is told about its session.
type Info struct {
	Persona string // id of the persona in force
	Size    int    // side of the picture, in pixels
	// Generator names the learned layer, or is "mesh"; GeneratorNote says to a person why it is not what was asked for.
	Generator, GeneratorNote string
}
