package rtc

import (
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/rtc/opus"
)

// feedbackRRTR is libwebrtc's word for a receiver that asks for the round trip (RFC 3611 section 4.4) though it sends nothing.
const feedbackRRTR = "rrtr"

// capability describes a codec as we register and send it. It fails with ErrCodec.
func capability(name string) (*webrtc.RTPCodecParameters, error) {
	p := webrtc.RTPCodecParameters{PayloadType: 96}
	switch name {
	case CodecVP8:
		p.MimeType = webrtc.MimeTypeVP8
	case CodecH264:
		p.MimeType = webrtc.MimeTypeH264
		p.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
	default:
		return nil, fmt.Errorf("%w: %q", ErrCodec, name)
	}
	p.ClockRate = frame.ClockRate
	p.RTCPFeedback = []webrtc.RTCPFeedback{
		{Type: webrtc.TypeRTCPFBGoogREMB},
		{Type: webrtc.TypeRTCPFBTransportCC},
		{Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
		{Type: webrtc.TypeRTCPFBNACK},
		{Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"},
		{Type: feedbackRRTR},
	}
	return &p, nil
}

// opusCapability describes Opus as every browser has it (RFC 7587). Its packets are never asked for again.
func opusCapability() webrtc.RTPCodecParameters {
	return webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: opus.ClockRate, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}},
	}}
}

// ChooseCodec picks the first of the configured codecs that the offer's video section can take. wanted is CodecAuto or the
// one that the browser insists on. It fails with an *Error of CodeBadSDP or CodeNoCodec.
func (t *Transport) ChooseCodec(offer, wanted string) (string, error) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(offer); err != nil {
		return "", Refuse(CodeBadSDP, "the offer is not a session description; make a new one")
	}
	video := false
	for _, m := range d.MediaDescriptions {
		if m.MediaName.Media != "video" || m.MediaName.Port.Value == 0 {
			continue
		}
		video = true
		for _, name := range t.cfg.Codecs {
			if (wanted == CodecAuto || wanted == name) && offers(m, name) {
				return name, nil
			}
		}
	}
	if !video {
		return "", Refuse(CodeBadSDP, "the offer has no video section; add a receive-only video transceiver")
	}
	return "", Fail(CodeNoCodec, "the browser and the server share no codec (asked for %s, server has %s)",
		wanted, strings.Join(t.cfg.Codecs, ", "))
}

// offers tells whether a media section lists the codec in a form that we can send.
func offers(m *sdp.MediaDescription, name string) bool {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		number, form, _ := strings.Cut(a.Value, " ")
		kind, _, _ := strings.Cut(form, "/")
		if strings.EqualFold(kind, name) && (name != CodecH264 || baseline(m, number)) {
			return true
		}
	}
	return false
}

// baseline tells whether an H.264 payload type is constrained baseline with packetization mode 1.
func baseline(m *sdp.MediaDescription, number string) bool {
	for _, a := range m.Attributes {
		n, params, _ := strings.Cut(a.Value, " ")
		if a.Key != "fmtp" || n != number {
			continue
		}
		params = strings.ToLower(params)
		return strings.Contains(params, "packetization-mode=1") && strings.Contains(params, "profile-level-id=42e0")
	}
	return false
}
