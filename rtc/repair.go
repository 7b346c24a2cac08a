package rtc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// mimeTypeRTX is the codec of resent packets (RFC 4588).
const mimeTypeRTX = "video/rtx"

// repairOf describes the stream of a codec's resent packets.
func repairOf(codec *webrtc.RTPCodecParameters) webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{PayloadType: codec.PayloadType + 1, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: mimeTypeRTX, ClockRate: frame.ClockRate, SDPFmtpLine: fmt.Sprintf("apt=%d", codec.PayloadType),
	}}
}

// announceRepair adds the stream of resent packets to a description of ours in which there is a codec for one: Pion knows that codec,
// but not that a track may have a second source. Any other description stays as it is.
func (p *Peer) announceRepair(description string) string {
	if p.sender == nil || repairType(description) == 0 {
		return description
	}
	source := p.sender.GetParameters().Encodings[0].SSRC
	own := fmt.Sprintf("a=ssrc:%d ", source)
	var out strings.Builder
	group := false
	for line := range strings.Lines(description) {
		text, is := strings.CutPrefix(line, own)
		if is && !group {
			fmt.Fprintf(&out, "a=ssrc-group:FID %d %d\r\n", source, p.repairSource)
			group = true
		}
		out.WriteString(line)
		if is {
			fmt.Fprintf(&out, "a=ssrc:%d %s", p.repairSource, text)
		}
	}
	return out.String()
}

// repairAs begins to use the stream of resent packets, if an answer agrees to one.
func (p *Peer) repairAs(answer string) {
	if kind := repairType(answer); kind != 0 && p.sender != nil {
		p.again.Repair(p.repairSource, kind)
	}
}

// repairType is the payload type of resent video in an answer, 0 if none was agreed.
func repairType(answer string) uint8 {
	for line := range strings.Lines(answer) {
		text, is := strings.CutPrefix(strings.TrimSpace(line), "a=rtpmap:")
		number, form, _ := strings.Cut(text, " ")
		if is && strings.EqualFold(form, fmt.Sprintf("rtx/%d", frame.ClockRate)) {
			n, _ := strconv.ParseUint(number, 10, 7)
			return uint8(n)
		}
	}
	return 0
}
