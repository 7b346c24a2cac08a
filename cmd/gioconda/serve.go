package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/live"
	"github.com/gioconda-live/gioconda/cmd/internal/memory"
)

type serveFlags struct {
	listen, tls        string
	persona            string
	size, sessions     int
	udpPort            int
	noBadge, noPlayout bool
	generator          generatorFlags
	cameras            live.Cameras
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	var words []*optional
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the demo: open the page, allow the camera, move the portrait",
		Long: `Serve the page and the live stream, by default to this machine only:
http://localhost:8080. Ctrl-C stops cleanly.

To serve others, for example a phone in the same network:
  gioconda token create --scope drive
  gioconda serve --listen 0.0.0.0:8443 --tls lan
Then open /ca on the phone, once, and the link with the token.

Without a browser, from a camera of this machine into any call (Linux, see doctor):
  gioconda serve --camera --microphone --virtual-camera /dev/video10`,
		Args: func(cmd *cobra.Command, args []string) error { return takeWords(cmd, args, words...) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.applyServeFlags(cmd, &f); err != nil {
				return err
			}
			return a.serve(cmd.Context(), f.cameras)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", "", "address and port (web.listen, 127.0.0.1:8080)")
	fl.StringVar(&f.tls, "tls", "", "certificate for others than this machine: lan, \"auto NAME\", or CERT.pem,KEY.pem (web.tls)")
	fl.StringVar(&f.persona, "persona", "", "id of the persona to begin with (gallery.persona)")
	fl.IntVar(&f.size, "size", 0, "edge of the picture in pixels (pipeline.size)")
	fl.IntVar(&f.sessions, "sessions", 0, "sessions at once (pipeline.max_sessions, 0: as many as are measured to fit)")
	fl.IntVar(&f.udpPort, "udp-port", 0, "one UDP port for all media (rtc.udp_port)")
	f.generator.add(cmd, "")
	words = addCameraFlags(cmd, &f.cameras)
	fl.BoolVar(&f.noPlayout, "no-playout-delay", false, "let browsers smooth frames over time, at the price of latency")
	fl.BoolVar(&f.noBadge, "no-badge", false, "leave out the \"AI\" badge")
	return cmd
}

// applyServeFlags lets the flags that were given win over file and environment.
func (a *app) applyServeFlags(cmd *cobra.Command, f *serveFlags) error {
	given := cmd.Flags().Changed
	if given("listen") {
		a.cfg.Web.Listen = f.listen
	}
	if given("tls") {
		a.cfg.Web.TLS = f.tls
	}
	if given("persona") {
		a.cfg.Gallery.Persona = f.persona
	}
	if given("size") {
		a.cfg.Pipeline.Size = f.size
	}
	if given("sessions") {
		a.cfg.Pipeline.MaxSessions = f.sessions
	}
	if given("udp-port") {
		a.cfg.RTC.UDPPort = f.udpPort
	}
	if f.noPlayout {
		a.cfg.RTC.PlayoutDelay = false
	}
	if f.noBadge {
		a.cfg.Picture.Badge = "none"
	}
	return f.generator.apply(a)
}

func (a *app) serve(ctx context.Context, cameras live.Cameras) (err error) {
	if n := memory.Limit(a.cfg.Memory.Limit); n > 0 {
		a.log.Info("memory", "limit_mib", n>>20)
	}
	memory.FewHeaps()
	go memory.GiveBack(ctx, time.Minute)
	defer a.endWithin(ctx, a.cfg.Cluster.Waits()+5500*time.Millisecond)()
	l, err := live.Listen(ctx, a.cfg.Web.Listen)
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		_ = l.Close()
		return err
	}
	defer cleanup.Close(&err, o)
	d, err := a.openServer(ctx, o, cameras)
	if err != nil {
		_ = l.Close()
		return err
	}
	defer cleanup.Close(&err, d)
	fmt.Fprintln(a.out, d.Engine())
	if page := pageURL(l.Addr(), d.Secure()); cameras.Driver == "" {
		fmt.Fprintf(a.out, "Gioconda is ready: open %s and allow the camera. Ctrl-C stops.\n", page)
	} else {
		fmt.Fprintf(a.out, "Gioconda is ready: %s/camera shows the camera, %s/view/%s the portrait. Ctrl-C stops.\n", page, page, cameras.Session)
	}
	for _, u := range d.Addresses() {
		fmt.Fprintf(a.out, "From other devices: %s (first %sca, so that they trust it)\n", u, u)
	}
	err = d.Serve(ctx, l)
	fmt.Fprintln(a.out, "stopped")
	return err
}

// endWithin ends the program where it has not stopped so long after ctx ended: whoever stopped it would end it less gently. The
// returned function is called when it has.
func (a *app) endWithin(ctx context.Context, long time.Duration) (stopped func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-done:
			return
		}
		select {
		case <-done:
		case <-time.After(long):
			fmt.Fprintf(a.err, "something did not stop within %v; ended all the same\n", long)
			os.Exit(1)
		}
	}()
	return func() { close(done) }
}

// openServer starts everything but the listener.
func (a *app) openServer(ctx context.Context, o *opened, cameras live.Cameras) (*live.Server, error) {
	return live.Open(ctx, &live.Options{
		Config: &a.cfg, Version: version, Networks: o.networks, Maker: o.maker, Engine: a.engineOptions(), Cameras: cameras, Log: a.log,
	})
}

// pageURL is what to type into a browser on this machine.
func pageURL(a net.Addr, secure bool) string {
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return scheme + a.String()
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}
