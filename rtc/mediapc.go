package rtc

import (
	"fmt"
	"slices"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/webrtc/v3"
)

// videoStream is the MediaStream that the picture is in.
const videoStream = "gioconda"

// mediaPC is a new peer connection, with one video track to send or none.
type mediaPC struct {
	pc       *webrtc.PeerConnection
	track    *webrtc.TrackLocalStaticRTP // nil without video, as is sender
	sender   *webrtc.RTPSender
	estimate cc.BandwidthEstimator
	clocks   *streamClocks
}

// connect makes a peer connection that knows one codec (nil: no video), and servers besides the transport's own.
func (t *Transport) connect(codec *webrtc.RTPCodecParameters, playout bool, also []ICEServer) (*mediaPC, error) {
	c := mediaPC{clocks: &streamClocks{}}
	found := make(chan cc.BandwidthEstimator, 1) // buffered: the callback must not wait for us
	api, err := t.api(codec, playout, found, c.clocks)
	if err != nil {
		return nil, err
	}
	if c.pc, err = api.NewPeerConnection(webrtc.Configuration{ICEServers: slices.Concat(t.servers, pionServers(also))}); err != nil {
		return nil, fmt.Errorf("rtc: peer connection: %w", err)
	}
	c.estimate = <-found
	if codec == nil {
		return &c, nil
	}
	if err := c.addTrack(codec); err != nil {
		_ = c.pc.Close() // the first error counts
		return nil, err
	}
	return &c, nil
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

// api registers the codec first, since feedback is registered on codecs that are there; then the interceptors:
// the one added last sees a packet first, so the congestion controller must come before the header that it reads.
func (t *Transport) api(
	codec *webrtc.RTPCodecParameters, playout bool, found chan<- cc.BandwidthEstimator, clocks *streamClocks,
) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if codec != nil {
		if err := media.RegisterCodec(*codec, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("rtc: codec %s: %w", codec.MimeType, err)
		}
	}
	// A section for audio is taken, also where it stays silent: many players offer it first, and a browser that bundles all
	// media on the first section cannot do without it.
	if err := media.RegisterCodec(opusCapability(), webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("rtc: codec %s: %w", webrtc.MimeTypeOpus, err)
	}
	chain := &interceptor.Registry{}
	congestion, err := cc.NewInterceptor(t.estimator)
	if err != nil {
		return nil, fmt.Errorf("rtc: congestion control: %w", err)
	}
	congestion.OnNewPeerConnection(func(_ string, e cc.BandwidthEstimator) { found <- e })
	chain.Add(congestion)
	if err := webrtc.ConfigureTWCCHeaderExtensionSender(media, chain); err != nil {
		return nil, fmt.Errorf("rtc: transport-wide congestion control: %w", err)
	}
	if playout {
		ext := webrtc.RTPHeaderExtensionCapability{URI: PlayoutDelayURI}
		if err := media.RegisterHeaderExtension(ext, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("rtc: playout delay: %w", err)
		}
		chain.Add(&playoutDelay{})
	}
	if err := registerFeedback(media, chain, clocks); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(t.settings),
	), nil
}

// registerFeedback registers what RegisterDefaultInterceptors does, but for the sender reports.
func registerFeedback(media *webrtc.MediaEngine, chain *interceptor.Registry, clocks *streamClocks) error {
	if err := webrtc.ConfigureNack(media, chain); err != nil {
		return fmt.Errorf("rtc: retransmission: %w", err)
	}
	receiver, err := report.NewReceiverInterceptor()
	if err != nil {
		return fmt.Errorf("rtc: receiver reports: %w", err)
	}
	chain.Add(receiver)
	chain.Add(newSenderReports(clocks))
	if err = webrtc.ConfigureTWCCSender(media, chain); err != nil {
		return fmt.Errorf("rtc: transport-wide congestion control: %w", err)
	}
	return nil
}

// estimator paces nothing: Pion's leaky bucket adds up to 5 ms a packet and queues without bound.
func (t *Transport) estimator() (cc.BandwidthEstimator, error) {
	return gcc.NewSendSideBWE(
		gcc.SendSideBWEInitialBitrate(t.bitrate.Start), gcc.SendSideBWEMinBitrate(t.bitrate.Min),
		gcc.SendSideBWEMaxBitrate(t.bitrate.Max), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()),
	)
}
