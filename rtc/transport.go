package rtc

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/transport/v2"
	"github.com/pion/transport/v2/stdnet"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc/egress"
)

// Bitrate bounds what is sent to one viewer, in bit/s, and says to where it goes at once if the first packets show that the network
// carries it; it begins at 400 kbit/s, or Start if that is less.
type Bitrate struct{ Min, Start, Max int }

// Options are what a Transport works with; the zero value will do.
type Options struct {
	Log     *slog.Logger  // nil: none
	Rand    io.Reader     // of the first RTP numbers; nil: crypto/rand
	Bitrate Bitrate       // zero: 150 kbit/s, 1.5 Mbit/s, 4 Mbit/s
	Net     transport.Net // nil: the machine's network
	// Faulted hears, on any goroutine, of every fault of the program that was caught in a peer; nil: nobody.
	Faulted func(*wall.FaultError)
}

// Transport is what all peers share: settings, and the sockets of the one-port options. Methods are safe for
// concurrent use.
type Transport struct {
	cfg      Config
	log      *slog.Logger
	rand     io.Reader
	bitrate  Bitrate
	epoch    time.Time // server times on the wire are microseconds since then
	codec    *landmark.Codec
	settings webrtc.SettingEngine
	net      transport.Net // nil: the machine's network
	faulted  func(*wall.FaultError)
	mux      ice.UDPMux // of the fixed UDP port; nil: none
	servers  []webrtc.ICEServer
	closers  []func() error
}

// NewTransport opens the fixed ports, if any are configured, and starts no goroutine of its own; Close frees them.
// It fails with ErrConfig, all faults joined, or because a port is taken.
func NewTransport(cfg Config, o Options) (*Transport, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if o.Bitrate == (Bitrate{}) {
		o.Bitrate = Bitrate{Min: 150_000, Start: 1_500_000, Max: 4_000_000}
	}
	if o.Bitrate.Min <= 0 || o.Bitrate.Start < o.Bitrate.Min || o.Bitrate.Max < o.Bitrate.Start {
		return nil, fmt.Errorf("%w: bitrates need 0 < min <= start <= max, got %+v", ErrConfig, o.Bitrate)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Faulted == nil {
		o.Faulted = func(*wall.FaultError) {}
	}
	t := &Transport{
		cfg: cfg, log: o.Log, rand: o.Rand, bitrate: o.Bitrate, epoch: time.Now(), codec: landmark.NewCodec(), net: o.Net,
		faulted: o.Faulted,
	}
	if err := t.configure(); err != nil {
		return nil, err
	}
	return t, nil
}

// configure translates the settings for Pion and opens the ports.
func (t *Transport) configure() error {
	cfg, log, e := &t.cfg, pionLog{log: t.log}, &t.settings
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
		return fmt.Errorf("rtc: DTLS role: %w", err)
	}
	t.servers = pionServers(cfg.ICEServers)
	if err := t.openPorts(cfg, log); err != nil {
		t.Close()
		return err
	}
	return nil
}

func pionServers(servers []ICEServer) (list []webrtc.ICEServer) {
	for _, s := range servers {
		list = append(list, webrtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential})
	}
	return list
}

// Config is what the transport was made with.
func (t *Transport) Config() Config { return t.cfg }

func interfaceFilter(cfg *Config) func(string) bool {
	names := slices.Clone(cfg.Interfaces)
	if cfg.Loopback {
		names = append(names, "lo", "lo0")
	}
	return func(name string) bool { return slices.Contains(names, name) }
}

func (t *Transport) openPorts(cfg *Config, log pionLog) error {
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
		t.mux = mux
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

// repeating lets a connection's sockets repeat its data where packets are lost.
func (t *Transport) repeating(e *webrtc.SettingEngine, by *egress.Repeater) error {
	network := t.net
	if network == nil {
		machine, err := stdnet.NewNet()
		if err != nil {
			return fmt.Errorf("rtc: this machine's network: %w", err)
		}
		network = machine
	}
	e.SetNet(by.Net(network))
	if t.mux != nil {
		e.SetICEUDPMux(by.Mux(t.mux))
	}
	return nil
}

// Close frees the fixed ports, once all peers are closed.
func (t *Transport) Close() {
	for _, c := range t.closers {
		_ = c() // closing a socket that nobody uses any more
	}
	t.closers = nil
}
