package rtc

// Signaller carries a peer's words to the other side, and hears how the connection is. Its methods are called from several
// goroutines, must not block, and must not call the peer's Close.
type Signaller interface {
	// Answer carries the answer to an offer.
	Answer(sdp string)
	// Candidate carries one ICE candidate, after the answer to the offer that it belongs to; nil is the end of them.
	Candidate(c *Candidate)
	// Interrupted tells that no media flows. why is nil while a restart of ICE may help, ErrClosed where the other side has
	// closed its end, and else what went wrong here; after an error the peer has done its work, and can only be closed.
	Interrupted(why error)
	// Alive tells that the other side was heard. It is called for every message.
	Alive()
}

// Candidate is an ICE candidate as RTCIceCandidate.toJSON writes it.
type Candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid"`
	SDPMLineIndex    *uint16 `json:"sdpMLineIndex"`
	UsernameFragment *string `json:"usernameFragment"`
}

// nobody is the Signaller of a peer that has none.
type nobody struct{}

func (nobody) Answer(string)        {}
func (nobody) Candidate(*Candidate) {}
func (nobody) Interrupted(error)    {}
func (nobody) Alive()               {}
