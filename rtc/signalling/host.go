package signalling

import (
	"context"

	"github.com/gioconda-live/gioconda/rtc"
)

// Host opens sessions. Its method is called from many goroutines at once.
type Host interface {
	// Open makes a session ready to be driven. ctx ends when the browser leaves or the server closes.
	// An *Error tells the browser why not (CodeUnknownPersona, CodeNameTaken, CodeFull).
	Open(ctx context.Context, o OpenOptions) (Session, error)
}

// OpenOptions is what a browser asked for in its hello.
type OpenOptions struct {
	ID      string // of the session, for logs; not secret
	Persona string // "" is the host's default
	Name    string // by which the session is to be found, as rtc.ValidName takes it; "": one that the host gives
}

// Session is one driver with one persona, as its browser sees it. It outlives connections by ServerConfig.Grace.
// At most one browser drives it at a time, and views it over its websocket; others may view it beside.
type Session interface {
	rtc.Drivable
	rtc.Viewable
	// Info tells what is in force; called at each hello.
	Info() Info
	// Close ends the session, its browser having left; others that view it see it end. Called once.
	Close()
}

// Info is what a browser is told about its session.
type Info struct {
	Name    string // by which the session is found; constant
	Persona string // id of the persona in force
	Size    int    // side of the picture, in pixels
	// Generator names the learned layer, or is "mesh"; GeneratorNote says to a person why it is not what was asked for.
	Generator, GeneratorNote string
}
