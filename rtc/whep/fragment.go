package whep

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/gioconda-live/gioconda/rtc"
)

const (
	maxCandidates = 64      // in one fragment, and in one ICE session
	maxLine       = 2 << 10 // bytes
)

var errFragment = errors.New("it is not an SDP fragment of one bundle")

// fragment is what a player tells of ICE in a PATCH (RFC 8840, section 9), with one bundle of media.
type fragment struct {
	ufrag, pwd string // both or neither
	candidates []rtc.Candidate
}

// parseFragment reads a body of type application/trickle-ice-sdpfrag. Lines that say nothing of ICE are passed over.
// It fails with errFragment.
func parseFragment(body []byte) (fragment, error) {
	var f fragment
	mid, first := "", 0 // of the present media section, and its first candidate
	end := func() {
		for i := range f.candidates[first:] {
			if mid != "" {
				own := mid
				f.candidates[first+i].SDPMid = &own
			}
		}
		mid, first = "", len(f.candidates)
	}
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		text := string(bytes.TrimSuffix(line, []byte("\r")))
		switch {
		case text == "":
			continue
		case len(text) < 2 || text[1] != '=' || len(text) > maxLine || strings.ContainsAny(text, "\r\x00"):
			return fragment{}, fmt.Errorf("%w: line %.40q", errFragment, text)
		case text[0] == 'm':
			end()
			continue
		}
		key, value, _ := strings.Cut(text, ":")
		switch key {
		case "a=mid":
			mid = value
		case "a=ice-ufrag", "a=ice-pwd":
			if err := f.credential(key, value); err != nil {
				return fragment{}, err
			}
		case "a=candidate":
			if len(f.candidates) == maxCandidates {
				return fragment{}, fmt.Errorf("%w: more than %d candidates", errFragment, maxCandidates)
			}
			f.candidates = append(f.candidates, rtc.Candidate{Candidate: "candidate:" + value})
		}
	}
	end()
	if (f.ufrag == "") != (f.pwd == "") {
		return fragment{}, fmt.Errorf("%w: ice-ufrag and ice-pwd come together", errFragment)
	}
	return f, nil
}

// credential takes one of the two; the sections of one bundle have the same.
func (f *fragment) credential(key, value string) error {
	to, least := &f.ufrag, 4
	if key == "a=ice-pwd" {
		to, least = &f.pwd, 22
	}
	if len(value) < least || len(value) > 256 || strings.Trim(value, iceChars) != "" {
		return fmt.Errorf("%w: %s has %d to 256 letters, digits, + and /", errFragment, key[2:], least)
	}
	if *to != "" && *to != value {
		return fmt.Errorf("%w: two %s; media is bundled", errFragment, key[2:])
	}
	*to = value
	return nil
}

const iceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// restart is the offer with the ICE of a fragment in place of its own: the offer that the player has made for itself.
func (f *fragment) restart(offer string) string {
	var out strings.Builder
	placed := false
	for line := range sdpLines(offer) {
		key, _, _ := strings.Cut(line, ":")
		switch key {
		case "a=candidate", "a=end-of-candidates":
			continue
		case "a=ice-ufrag":
			line = "a=ice-ufrag:" + f.ufrag
		case "a=ice-pwd":
			line = "a=ice-pwd:" + f.pwd
		}
		out.WriteString(line + "\r\n")
		if strings.HasPrefix(line, "a=mid:") && !placed { // one transport carries all media
			placed = true
			for i := range f.candidates {
				out.WriteString("a=" + f.candidates[i].Candidate + "\r\n")
			}
		}
	}
	return out.String()
}

// fragmentOf is the ICE of an answer: what is said of the whole, and of the first section that has candidates.
func fragmentOf(answer string) string {
	var whole, section strings.Builder
	in, found := false, false // a media section; it has candidates
	for line := range sdpLines(answer) {
		key, _, _ := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "m="):
			if found {
				return whole.String() + section.String()
			}
			in = true
			section.Reset()
			section.WriteString(line + "\r\n")
			continue
		case key == "a=candidate":
			found = true
		}
		switch key {
		case "a=ice-lite", "a=ice-options", "a=group", "a=mid", "a=ice-ufrag", "a=ice-pwd", "a=candidate", "a=end-of-candidates":
			if in {
				section.WriteString(line + "\r\n")
			} else {
				whole.WriteString(line + "\r\n")
			}
		}
	}
	return whole.String() + section.String()
}
