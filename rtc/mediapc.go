package rtc

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc/avsync"
	"github.com/gioconda-live/gioconda/rtc/congestion"
	"github.com/gioconda-live/gioconda/rtc/egress"
)

// videoStream is the MediaStream that the picture is in.
const videoStream = "gioconda"

// mediaPC is a new peer connection, with one video track to send or none.
type mediaPC struct {
	pc       *webrtc.PeerConnection
	track    *webrtc.TrackLocalStaticRTP // nil without video, as is sender
	sender   *webrtc.RTPSender
	path     *egress.Path
	again    *egress.Resender
	repeat   *egress.Repeater
	echo     *egress.Echo
	clocks   *avsync.Clocks
	incoming *streams

	repairSource uint32 // of resent packets
}

// connect makes a peer connection that knows one codec (nil: no video), and servers besides the transport's own. gaveUp is called
// when only a keyframe helps the other side; it must not block.
func (t *Transport) connect(codec *webrtc.RTPCodecParameters, playout bool, also []ICEServer, gaveUp func()) (*mediaPC, error) {
	c := mediaPC{clocks: &avsync.Clocks{}, incoming: newStreams(), path: egress.NewPath(congestion.Limits(t.bitrate))}
	c.again, c.repeat, c.echo = egress.NewResender(c.path, gaveUp), egress.NewRepeater(c.path), &egress.Echo{}
	var source [4]byte
	if _, err := io.ReadFull(t.rand, source[:]); err != nil {
		return nil, fmt.Errorf("rtc: random numbers: %w", err)
	}
	c.repairSource = binary.BigEndian.Uint32(source[:]) | 1 // of a track is any number: that they are the same is as likely as never
	c.incoming.reports(c.repairSource, c.told)
	api, err := t.api(codec, playout, &c)
	if err != nil {
		return nil, err
	}
	if c.pc, err = api.NewPeerConnection(webrtc.Configuration{ICEServers: slices.Concat(t.servers, pionServers(also))}); err != nil {
		return nil, fmt.Errorf("rtc: peer connection: %w", err)
	}
	if codec == nil {
		return &c, nil
	}
	if err := c.addTrack(codec); err != nil {
		_ = c.pc.Close() // the first error counts
		return nil, err
	}
	return &c, nil
}

// told hears RTCP that is addressed to the repair stream.
func (c *mediaPC) told(raw []byte) {
	packets, err := rtcp.Unmarshal(raw)
	if err != nil {
		return
	}
	for _, p := range packets {
		c.again.Told(p)
		c.echo.Told(p)
	}
}

func (c *mediaPC) addTrack(codec *webrtc.RTPCodecParameters) (err error) {
	if c.track, err = webrtc.NewTrackLocalStaticRTP(codec.RTPCodecCapability, "portrait", videoStream); err != nil {
		return fmt.Errorf("rtc: track: %w", err)
	}
	tr, err := c.pc.AddTransceiverFromTrack(c.track, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionSendonly,
	})
	if err != nil {
		return fmt.Errorf("rtc: transceiver: %w", err)
	}
	c.sender = tr.Sender()
	return nil
}

// api registers the codec first, since feedback is registered on codecs that are there; then the interceptors: the one added
// last sees a packet first, so the packets are numbered and counted after all that adds to them or sends them again.
func (t *Transport) api(codec *webrtc.RTPCodecParameters, playout bool, c *mediaPC) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if codec != nil {
		if err := media.RegisterCodec(*codec, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("rtc: codec %s: %w", codec.MimeType, err)
		}
		if err := media.RegisterCodec(repairOf(codec), webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("rtc: codec %s: %w", mimeTypeRTX, err)
		}
	}
	// A section for audio is taken, also where it stays silent: many players offer it first, and a browser that bundles all
	// media on the first section cannot do without it.
	if err := media.RegisterCodec(opusCapability(), webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("rtc: codec %s: %w", webrtc.MimeTypeOpus, err)
	}
	chain := &interceptor.Registry{}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.TransportCCURI}, kind); err != nil {
			return nil, fmt.Errorf("rtc: transport-wide congestion control: %w", err)
		}
	}
	chain.Add(c.path)
	if playout {
		ext := webrtc.RTPHeaderExtensionCapability{URI: PlayoutDelayURI}
		if err := media.RegisterHeaderExtension(ext, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("rtc: playout delay: %w", err)
		}
		chain.Add(&playoutDelay{})
	}
	chain.Add(c.again)
	chain.Add(c.echo)
	if err := registerFeedback(media, chain, c.clocks); err != nil {
		return nil, err
	}
	settings := t.settings
	if err := t.repeating(&settings, c.repeat); err != nil {
		return nil, err
	}
	settings.BufferFactory = c.incoming.buffer
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(settings),
	), nil
}

// registerFeedback registers what RegisterDefaultInterceptors does, but for the sender reports and what is sent again.
func registerFeedback(media *webrtc.MediaEngine, chain *interceptor.Registry, clocks *avsync.Clocks) error {
	asks, err := nack.NewGeneratorInterceptor()
	if err != nil {
		return fmt.Errorf("rtc: retransmission: %w", err)
	}
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTPCodecTypeVideo)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack", Parameter: "pli"}, webrtc.RTPCodecTypeVideo)
	chain.Add(asks)
	receiver, err := report.NewReceiverInterceptor()
	if err != nil {
		return fmt.Errorf("rtc: receiver reports: %w", err)
	}
	chain.Add(receiver)
	chain.Add(avsync.NewReports(clocks))
	if err = webrtc.ConfigureTWCCSender(media, chain); err != nil {
		return fmt.Errorf("rtc: transport-wide congestion control: %w", err)
	}
	return nil
}
