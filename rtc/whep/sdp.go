package whep

import (
	"iter"
	"strings"
)

// sdpLines are the lines of a session description, without their ends.
func sdpLines(sdp string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.SplitSeq(sdp, "\n") {
			if line = strings.TrimSuffix(line, "\r"); line != "" && !yield(line) {
				return
			}
		}
	}
}

// attribute is the first value of an attribute in a session description, wherever it stands; "" if there is none.
func attribute(sdp, key string) string {
	for line := range sdpLines(sdp) {
		if value, ok := strings.CutPrefix(line, "a="+key+":"); ok {
			return value
		}
	}
	return ""
}

// takesVideo tells whether an offer has a video section that wants to receive, as one without a direction does.
func takesVideo(offer string) bool {
	video, takes := false, false
	for line := range sdpLines(offer) {
		switch {
		case strings.HasPrefix(line, "m="):
			if video && takes {
				return true
			}
			video = strings.HasPrefix(line, "m=video ")
			takes = video
		case line == "a=sendonly" || line == "a=inactive":
			takes = false
		}
	}
	return video && takes
}
