package signalling

import (
	"context"

	"github.com/gioconda-live/gioconda/rtc"
)

// Host opens sessions. Its method is called from many goroutines at once.
type Host interface {
	// Open makes a session ready to be driven. ctx ends when the browser leaves or the server closes.
	// An *rtc.Error tells the browser why not (CodeUnknownPersona, CodeNameTaken, CodeFull). Nobody else bounds how many sessions are open
	// at once; one that waits for its browser is open until its Close.
	Open(ctx context.Context, o OpenOptions) (Session, error)
}

// OpenOptions is what a browser asked for in its hello.
type OpenOptions struct {
	ID      string // of the session, for logs; not secret
	Persona string // "" is the host's default
	Bound   bool   // another persona must not be chosen
	Name    string // by which the session is to be found, as rtc.ValidName takes it; "": one that the host gives
}

// Leave is what a browser may do here.
type Leave struct {
	Session string // the only name that its session may have; "": any
	Persona string // the only persona that it may drive; "": any
	// Over is closed when its leave ends, and its session with it; nil: never.
	Over <-chan struct{}
}

// Session is one driver with one persona, as its browser sees it. It outlives connections by Config.Grace.
// At most one browser drives it at a time, and views it over its websocket; others may view it beside.
type Session interface {
	Driven
	// Info tells what is in force; called at each hello.
	Info() Info
	// Failed is closed when the session is broken and has to be closed.
	Failed() <-chan struct{}
	// Close ends the session, its browser having left; others that view it see it end. Called once.
	Close()
}

// Driven is what a peer of the session's own browser does with it.
type Driven interface {
	rtc.Drivable
	rtc.Viewable
	rtc.Audible
}

// Info is what a browser is told about its session.
type Info struct {
	Name    string // by which the session is found; constant
	Persona string // id of the persona in force
	Size    int    // side of the picture, in pixels
	// Generator names the learned layer, or is "mesh"; GeneratorNote says to a person why it is not what was asked for.
	Generator, GeneratorNote string
	// Rates are how many pictures a second may be chosen, the usual one first. Rate is how many there are now; RateNote says to a person
	// why not as many as were chosen.
	Rates    []int
	Rate     int
	RateNote string
}
