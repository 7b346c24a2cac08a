// Package exits opens ways out of a session, each by the scheme of its URL.
package exits

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
)

// Options are what exits are opened with; the zero value will do.
type Options struct {
	Bearer string        // secret that the other side asks for; never logged
	Codec  string        // of the video, pipeline.VP8 or pipeline.H264; "": what the other side is known to take
	Form   pipeline.Form // of the picture
	MaxBPS int           // bit/s; 0: as configured
	Report func(Status)  // hears each change of the status, from any goroutine, and must not block; nil: nobody
	Log    *slog.Logger  // nil: none

	// Faulted hears of every fault of the program that ended an exit of a Manager, from any goroutine; nil: nobody.
	Faulted func(*wall.FaultError)

	// Dir is where recordings go: file: URLs are names of files in it then. "": they are paths.
	Dir string

	Trickle    bool              // of WHIP: offer at once, and send candidates as they are found
	PublicOnly bool              // connect to public addresses only, not to this machine or its network
	HTTP       http.RoundTripper // of WHIP, unless PublicOnly; nil: http.DefaultTransport
	Transport  *rtc.Transport    // of WebRTC; nil: each exit opens its own
}

// State is how far an exit is.
type State string

// The states.
const (
	Connecting State = "connecting" // for the first time
	Live       State = "live"       // pictures flow
	Waiting    State = "waiting"    // it broke off, or was refused for now; tried again by itself
	Ended      State = "ended"
)

// Status is what a person may know of an exit.
type Status struct {
	State   State
	Message string // a sentence where something is wrong, "" while all is well
	Bytes   uint64 // compressed, sent since it was opened
	File    string // that a recording is written into, or was last: its name in Options.Dir, or its path; "": none

	// Added is the median of the last seconds of how long a picture takes from the arrival of its landmarks until it has left,
	// with half a round trip where the other side tells it, as it does by WebRTC; what ffmpeg takes over has left. 0: unknown.
	Added time.Duration
}

// Opener makes the exit that a URL of its scheme names. It connects nowhere yet.
type Opener func(u *url.URL, o Options) (pipeline.Exit, error)

// Kinds is the table of all exits: what opens a URL of each scheme.
func Kinds() map[string]Opener {
	return map[string]Opener{
		"file":  openFile,
		"rtmp":  openRTMP,
		"rtmps": openRTMP,
		"srt":   openSRT,
		"http":  openWHIP, "https": openWHIP, "whip": openWHIP, "whips": openWHIP,
		"livekit": openLiveKit, "livekit+http": openLiveKit,
	}
}

// Open makes the exit that a URL names; it is run by the caller. It fails with a sentence that lists the schemes.
func Open(text string, o Options) (pipeline.Exit, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("the exit's URL cannot be read; write one such as https://host/path") // the error shows it, with its secrets
	}
	open, ok := Kinds()[u.Scheme]
	if !ok {
		schemes := slices.Sorted(maps.Keys(Kinds()))
		return nil, fmt.Errorf("exit %s: there is no such way out; there are %s", Mask(u), strings.Join(schemes, ", "))
	}
	if o.Report == nil {
		o.Report = func(Status) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return open(u, o)
}
