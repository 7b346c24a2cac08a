package rtc

import (
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/webrtc/v3"
)

// Transport is what all peer connections share: ICE settings, and the sockets of the one-port options.
type Transport struct {
	settings webrtc.SettingEngine
	servers  []webrtc.ICEServer
	bitrate  Bitrate
	closers  []func() error
}

// newTransport opens the fixed ports, if any are configured.
func newTransport(cfg *Config, b Bitrate, log pionLog) (*Transport, error) {
	t := &Transport{bitrate: b}
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
func (t *Transport) close() {
	for _, c := range t.closers {
		_ = c() // closing a socket that nobody uses any more
	}
	t.closers = nil
}
