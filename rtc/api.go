package rtc

import (
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/webrtc/v3"
)

// transport is what all peer connections share: ICE settings, and the sockets of the one-port options.
type transport struct {
	settings webrtc.SettingEngine
	servers  []webrtc.ICEServer
	bitrate  Bitrate
	closers  []func() error
}

// newTransport opens the fixed ports, if any are configured.
func newTransport(cfg *Config, b Bitrate, log pionLog) (*transport, error) {
	t := &transport{bitrate: b}
	e := &t.settings
	e.LoggerFactory = log
	e.DetachDataChannels()
	// Browsers hide their host candidates behind mDNS names. We need not resolve them: the browser checks our
	// candidates, and its checks tell its address (peer-reflexive).
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetICETimeouts(4*time.Second, 6*time.Second, 2*time.Second)
	e.SetIncludeLoopbackCandidate(cfg.Loopback)
	if len(cfg.Interfaces) > 0 {
		e.SetInterfaceFilter(interfaceFilter(cfg))
	}
	if len(cfg.PublicIPs) > 0 {
		e.SetNAT1To1IPs(cfg.PublicIPs, webrtc.ICECandidateTypeHost)
	}
	if err := e.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, fmt.Errorf("rtc: DTLS role: %w", err)
	}
	for _, s := range cfg.ICEServers {
		t.servers = append(t.servers, webrtc.ICEServer{
			URLs: s.URLs, Username: s.Username, Credential: s.Credential,
		})
	}
	if err := t.openPorts(cfg, log); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func interfaceFilter(cfg *Config) func(string) bool {
	names := slices.Clone(cfg.Interfaces)
	if cfg.Loopback {
		names = append(names, "lo", "lo0")
	}
	return func(name string) bool { return slices.Contains(names, name) }
}

func (t *transport) openPorts(cfg *Config, log pionLog) error {
	if cfg.UDPPort != 0 {
		// One socket for each address: a single one on 0.0.0.0 would answer from whichever address the
		// kernel likes.
		opts := []ice.UDPMuxFromPortOption{ice.UDPMuxFromPortWithLogger(log.NewLogger("ice"))}
		if cfg.Loopback {
			opts = append(opts, ice.UDPMuxFromPortWithLoopback())
		}
		if len(cfg.Interfaces) > 0 {
			opts = append(opts, ice.UDPMuxFromPortWithInterfaceFilter(interfaceFilter(cfg)))
		}
		mux, err := ice.NewMultiUDPMuxFromPort(cfg.UDPPort, opts...)
		if err != nil {
			return fmt.Errorf("rtc: UDP port %d: %w; free it or set another udp_port", cfg.UDPPort, err)
		}
		t.settings.SetICEUDPMux(mux)
		t.closers = append(t.closers, mux.Close)
	}
	if cfg.TCPPort != 0 {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{Port: cfg.TCPPort})
		if err != nil {
			return fmt.Errorf("rtc: TCP port %d: %w; free it or set another tcp_port", cfg.TCPPort, err)
		}
		mux := webrtc.NewICETCPMux(log.NewLogger("ice-tcp"), l, 8)
		t.settings.SetICETCPMux(mux)
		t.settings.SetNetworkTypes([]webrtc.NetworkType{
			webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
		})
		t.closers = append(t.closers, mux.Close)
	}
	return nil
}

// close frees the fixed ports; after all connections have ended.
func (t *transport) close() {
	for _, c := range t.closers {
		_ = c() // closing a socket that nobody uses any more
	}
	t.closers = nil
}

// mediaPC is a new peer connection with one video track to send.
type mediaPC struct {
	pc       *webrtc.PeerConnection
	track    *webrtc.TrackLocalStaticRTP
	sender   *webrtc.RTPSender
	estimate cc.BandwidthEstimator
}

// connect makes a peer connection that knows one codec.
func (t *transport) connect(codec string, playout bool) (*mediaPC, error) {
	var c mediaPC
	found := make(chan cc.BandwidthEstimator, 1) // buffered: the callback must not wait for us
	api, err := t.api(codec, playout, found)
	if err != nil {
		return nil, err
	}
	if c.pc, err = api.NewPeerConnection(webrtc.Configuration{ICEServers: t.servers}); err != nil {
		return nil, fmt.Errorf("rtc: peer connection: %w", err)
	}
	if err := c.addTrack(codec); err != nil {
		_ = c.pc.Close() // the first error counts
		return nil, err
	}
	c.estimate = <-found
	return &c, nil
}

func (c *mediaPC) addTrack(codec string) (err error) {
	params, ok := capability(codec)
	if !ok {
		return fmt.Errorf("%w: %q", ErrCodec, codec)
	}
	if c.track, err = webrtc.NewTrackLocalStaticRTP(params.RTPCodecCapability, "portrait", "gioconda"); err != nil {
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
func (t *transport) api(codec string, playout bool, found chan<- cc.BandwidthEstimator) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	params, ok := capability(codec)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrCodec, codec)
	}
	if err := media.RegisterCodec(params, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, fmt.Errorf("rtc: codec %s: %w", codec, err)
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
		ext := webrtc.RTPHeaderExtensionCapability{URI: playoutDelayURI}
		if err := media.RegisterHeaderExtension(ext, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("rtc: playout delay: %w", err)
		}
		chain.Add(&playoutDelay{})
	}
	if err := webrtc.RegisterDefaultInterceptors(media, chain); err != nil {
		return nil, fmt.Errorf("rtc: default interceptors: %w", err)
	}
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(t.settings),
	), nil
}

// estimator paces nothing: Pion's leaky bucket adds up to 5 ms a packet and queues without bound.
func (t *transport) estimator() (cc.BandwidthEstimator, error) {
	return gcc.NewSendSideBWE(
		gcc.SendSideBWEInitialBitrate(t.bitrate.Start), gcc.SendSideBWEMinBitrate(t.bitrate.Min),
		gcc.SendSideBWEMaxBitrate(t.bitrate.Max), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()),
	)
}
