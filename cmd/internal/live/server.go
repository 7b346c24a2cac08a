// Package live is what serve runs: sessions between browsers and the loop, over networks, personas and a generator.
package live

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/camera"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/metrics"
	"github.com/gioconda-live/gioconda/cmd/internal/microphone"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/virtualcamera"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/rtc/whep"
	"github.com/gioconda-live/gioconda/web"
	"github.com/gioconda-live/gioconda/web/access"
	"github.com/gioconda-live/gioconda/web/certs"
	"github.com/gioconda-live/gioconda/web/gate"
)

// Options are what a Server works with. Networks and Maker are the caller's, who closes them after the server.
type Options struct {
	Config   *configs.Config
	Version  string
	Networks *face.Networks
	Maker    *personas.Maker
	Engine   *engine.Options
	Cameras  Cameras
	Log      *slog.Logger
}

// Server is the running demo: everything that has to be closed, in the order in which it was opened.
type Server struct {
	o         *Options
	engine    *engine.Engine
	cache     *compositor.Cache
	loop      *pipeline.Loop
	host      *host
	keeper    *keeper
	transport *rtc.Transport
	rtc       *signalling.Server
	viewers   *whep.Server
	web       *web.Server
	tokens    *access.Tokens
	metrics   *metrics.Metrics
	health    *health
	metricsAt net.Listener          // nil: nowhere
	certs     *certs.Source         // nil: no TLS
	camera    *camera.Camera        // nil: browsers drive only
	virtual   *virtualcamera.Device // nil: there is none
	screen    *screen               // what virtual shows

	microphone *microphone.Microphone // of the camera's session; nil: it is silent
	others     *others                // nil: this server is alone
}

// Open starts everything but the listener; the generator is chosen and measured for half a second. The caller closes it.
func Open(ctx context.Context, o *Options) (*Server, error) {
	d := &Server{o: o}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Secure tells whether it is served over TLS.
func (d *Server) Secure() bool { return d.certs != nil }

// Addresses are the URLs for other devices, where this machine vouches for itself.
func (d *Server) Addresses() []string { return d.web.Addresses() }

// Engine is what was chosen to draw with.
func (d *Server) Engine() *engine.Engine { return d.engine }

// answersWithin is how long requests may take to end once the server stops.
const answersWithin = 2 * time.Second

// Serve answers on the listener until ctx ends, then closes what can be waited for.
func (d *Server) Serve(ctx context.Context, l net.Listener) error {
	defer d.serveMetrics()()
	loopCtx, stopLoop := context.WithCancel(context.WithoutCancel(ctx)) // it draws until the sessions have ended
	loopDone := make(chan struct{})
	go func() { defer close(loopDone); d.loop.Run(loopCtx) }()
	gated := gate.NewListener(l, gate.Limits{All: d.o.Config.Web.MaxConnections, PerAddress: d.perAddress(d.o.Config.Web.MaxPerAddress)})
	l = gated
	srv := &http.Server{
		Handler: d.metrics.Requests(d.web.Handler()), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: d.o.Config.Web.UploadTimeout,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 64 << 10, ConnState: gated.ConnState,
		ErrorLog: slog.NewLogLogger(d.o.Log.Handler(), slog.LevelDebug), // devices that do not trust our authority yet, mostly
	}
	if d.certs != nil {
		l = tls.NewListener(l, d.certs.TLS)
	}
	following, stopFollowing := context.WithCancel(ctx)
	defer stopFollowing()
	go d.tokens.Follow(following, func(err error) { d.o.Log.Error("the tokens cannot be read; those known so far go on", "error", err) })
	var cameras sync.WaitGroup
	err := d.startCameras(following, &cameras)
	if err != nil {
		stopFollowing()
		cameras.Wait()
		stopLoop()
		<-loopDone
		return errors.Join(err, l.Close())
	}
	go d.keeper.follow(following)
	defer d.serveCluster(ctx)()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	d.web.SetReady()
	select {
	case <-ctx.Done():
		d.leave(context.WithoutCancel(ctx))
	case err = <-failed:
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	stopFollowing()
	err = errors.Join(err, d.viewers.Close(wait), d.rtc.Close(wait))
	answers, enough := context.WithTimeout(wait, answersWithin)
	if srv.Shutdown(answers) != nil {
		_ = srv.Close() // whoever is still asking or being answered is cut off
	}
	enough()
	cameras.Wait()
	stopLoop()
	select {
	case <-loopDone:
	case <-wait.Done():
		err = errors.Join(err, errors.New("the loop that draws did not end"))
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// perAddress is a bound for one address; behind a proxy, whose connections these are, there is none.
func (d *Server) perAddress(n int) int {
	if d.o.Config.Web.BehindProxy {
		return 0
	}
	return n
}

// Close frees what Open opened, in reverse.
func (d *Server) Close() error {
	var err error
	if d.metricsAt != nil {
		_ = d.metricsAt.Close() // again, where it was served
	}
	if d.host != nil && d.host.exits != nil {
		d.host.exits.Close()
	}
	if d.transport != nil {
		d.transport.Close()
	}
	if d.virtual != nil {
		err = errors.Join(err, d.virtual.Close())
	}
	if d.cache != nil {
		d.cache.Close()
	}
	if d.engine != nil {
		err = errors.Join(err, d.engine.Close())
	}
	err = errors.Join(err, d.closeCluster())
	return err
}

// Listen opens the server's port, or says who might have it.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %s is taken; stop the other program or choose another with --listen", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("this machine has no address %s; choose another with --listen, or 0.0.0.0 for all that it has", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("you may not listen on %s; choose a port above 1023 with --listen", address)
	}
	return l, err
}
