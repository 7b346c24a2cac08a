package signalling

import (
	"context"

	"github.com/gioconda-live/gioconda/rtc"
)

// Host opens sessions. Its method is called from many goroutines at once.
type Host interface {
	// Open makes a session ready to be driven. ctx ends when the browser leaves or the server closes.
	// An *rtc.Error tells the browser why not (CodeUnknownPersona, CodeFull). Nobody else bounds how many sessions are open
	// at once; one that waits for its browser is open until its Close.
	Open(ctx context.Context, o OpenOptions) (Session, error)
}

// OpenOptions is what a browser asked for in its hello.
type OpenOptions struct {
	ID      string // of the session, for logs; not secret
	Persona string // "" is the host's default
}

// Session is one driver with one persona, as its browser sees it. It outlives connections by Config.Grace.
// From here one browser at a time drives and views it.
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
