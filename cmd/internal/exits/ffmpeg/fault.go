package ffmpeg

import "strings"

// FaultError is why a child ended, for people.
type FaultError struct {
	Sentence string
	Final    bool // trying again does not help
}

func (f *FaultError) Error() string { return f.Sentence }

// Explain makes a sentence of what a child said before it ended; to names the other side, a file or an address.
func Explain(said, to string) *FaultError {
	for _, k := range known() {
		for _, part := range k.parts {
			if strings.Contains(said, part) {
				return &FaultError{strings.ReplaceAll(k.sentence, "TO", to), k.final}
			}
		}
	}
	last := strings.TrimSpace(said)
	last = strings.TrimSpace(last[strings.LastIndexByte(last, '\n')+1:])
	if last == "" {
		last = "it does not say why"
	}
	return &FaultError{Sentence: "sending to " + to + " ended: " + last}
}

// cause is something that ffmpeg says and what it means; of several the first holds.
type cause struct {
	parts    []string
	sentence string
	final    bool
}

func known() []cause {
	return []cause{
		{[]string{"No space left on device"}, "the disk is full; what TO holds until then is kept. Free some space and record anew", true},
		{[]string{"File too large", "Disk quota exceeded"}, "the file TO may not grow any more; what it holds until then is kept", true},
		{
			[]string{"Protocol not found", "Unknown encoder", "Unrecognized option", "Requested output format", "Option not found"},
			"this ffmpeg cannot send to TO; install the whole one, `apt-get install ffmpeg`", true,
		},
		{
			[]string{"Failed to resolve hostname", "Name or service not known", "Temporary failure in name resolution", "No address associated"},
			"the host in TO is not known; check its spelling, and the network", false,
		},
		{[]string{"SRTO_PASSPHRASE"}, "SRT takes passphrases of 10 to 79 letters; change that of TO", true},
		{
			[]string{"Connection to srt"},
			"there is no connection to TO; check that a server listens there, and that stream id and passphrase are right", false,
		},
		{
			[]string{"NetStream.Publish", "NetConnection.Connect.Rejected", "BadName", "Server error"},
			"the stream is not taken by TO; check the stream key, and that nobody else sends with it", false,
		},
		{[]string{"Connection refused"}, "nobody answers at TO; check the address, and that the server runs", false},
		{[]string{"Network is unreachable", "No route to host"}, "this machine's network has no way to TO", false},
		{
			[]string{"certificate", "tls_session", "TLS"},
			"the server of TO is not who it says it is, or does not speak TLS; check the address, and its certificate", false,
		},
		{[]string{"timed out"}, "no answer comes from TO; check the address, and that the server runs", false},
		{
			[]string{"Connection reset by peer", "Broken pipe", "End of file", "Input/output error", "Connection was broken", "I/O error"},
			"the connection to TO was broken off; where that happens at once, check the stream key", false,
		},
	}
}
