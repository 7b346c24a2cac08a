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
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/camera"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/metrics"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/virtualcamera"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/encode"
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
}

// Open starts everything but the listener; the generator is chosen and measured for half a second. The caller closes it.
func Open(ctx context.Context, o *Options) (*Server, error) {
	d := &Server{o: o}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Server) open(ctx context.Context) error {
	cfg, log := d.o.Config, d.o.Log
	if err := d.openDoor(); err != nil { // at once, before anything slow
		return err
	}
	if err := d.openCameras(); err != nil { //nolint:contextcheck // it looks at a file at most
		return err
	}
	if err := d.o.Maker.Open(); err != nil { // now, not when the first picture comes
		return err
	}
	paintings, err := d.o.Maker.Paintings(ctx, cfg.Gallery.Paintings)
	if err != nil {
		return err
	}
	store, err := persona.OpenStore(cfg.Gallery.Dir, paintings...)
	if err != nil {
		return err
	}
	if _, err = store.Get(cfg.Gallery.Persona); err != nil {
		return fmt.Errorf("gallery.persona %q cannot be used; there are %s: %w", cfg.Gallery.Persona, personaIDs(store), err)
	}
	if d.engine, err = engine.Choose(ctx, d.o.Networks, paintings[0], d.o.Engine); err != nil {
		return err
	}
	d.cache = compositor.NewCache(d.o.Engine.Mesh, d.engine.Model, refresher(store, log))
	d.loop = pipeline.NewLoop(cfg.Pipeline, compositor.New(d.engine.Model), encode.New(cfg.Pipeline), log)
	d.host = &host{
		cfg: cfg, loop: d.loop, admission: pipeline.NewAdmission(d.engine.Capacity), engine: d.engine,
		store: store, subjects: d.cache, drops: newBackdrops(cfg.Pipeline.Size), names: newNames(), tally: newTally(), screen: d.screen,
		log: log,
	}
	d.health, d.metrics = &health{host: d.host}, metrics.New(d.state)
	d.loop.Observe(d.metrics.Frame)
	d.loop.OnFault(d.faulted)
	d.transport, err = rtc.NewTransport(cfg.RTC.Config, rtc.Options{
		Log:     log,
		Bitrate: rtc.Bitrate{Min: cfg.Pipeline.BitrateMin, Start: cfg.Pipeline.BitrateStart, Max: cfg.Pipeline.BitrateMax},
	})
	if err != nil {
		return err
	}
	if err = d.openExits(); err != nil {
		return err
	}
	d.rtc, err = signalling.New(cfg.RTC.Server, signalling.Options{
		Host: d.host, Transport: d.transport, Log: log, Leave: leave, Refused: d.refused, Faulted: d.faulted,
	})
	if err != nil {
		return err
	}
	d.viewers, err = whep.New(cfg.RTC.Viewers, whep.Options{
		Host: d.host, Transport: d.transport, Log: log, PerAddress: cfg.RTC.Server.MaxPerAddress, Over: over,
	})
	if err != nil {
		return err
	}
	if err = d.openWeb(store); err != nil {
		return err
	}
	return d.openMetrics(ctx)
}

func (d *Server) openWeb(store *persona.Store) error {
	cfg := d.o.Config
	client, err := web.Client()
	if err != nil {
		return err
	}
	gallery := &personaAPI{store: store, maker: d.o.Maker, model: d.engine.Model, log: d.o.Log}
	d.web = &web.Server{
		Config: cfg.Web, Certs: d.certs,
		Access: &access.Policy{
			Listen: cfg.Web.Listen, Origins: cfg.Web.AllowedOrigins, Extensions: cfg.Web.Extensions, Proxied: cfg.Web.BehindProxy,
			Tokens: d.tokens,
		},
		Client: client, ModelsDir: cfg.Models.Dir, Log: d.o.Log, Signalling: d.rtc, Viewers: d.viewers,
		Personas: gallery, Gallery: gallery, Faces: gallery, Backdrops: d.host.drops, Exits: exitAPI{d.host.exits},
		Health: d.health, Faulted: d.faulted,
		About: web.About{
			Version: d.o.Version, Generator: d.engine.Name, Size: cfg.Pipeline.Size, FPS: cfg.Pipeline.FPS, Codecs: cfg.RTC.Codecs,
			DefaultPersona: cfg.Gallery.Persona, ICEServers: iceServers(cfg.RTC.ICEServers),
			PlayoutDelay: cfg.RTC.PlayoutDelay, Attestation: persona.Attestation,
		},
	}
	if d.camera != nil {
		d.web.Camera = cameraAPI{d.camera, d.o.Cameras.Session}
	}
	return nil
}

// personaIDs lists what may be chosen.
func personaIDs(store *persona.Store) string {
	entries, _ := store.List()
	var ids []string
	for i := range entries {
		ids = append(ids, entries[i].Manifest.ID)
	}
	return strings.Join(ids, ", ")
}

func iceServers(s []rtc.ICEServer) []rtc.ICEServer {
	if s == nil {
		return []rtc.ICEServer{}
	}
	return s
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
	if d.o.Config.Pipeline.MaxSessions == 0 { // else somebody has counted them
		go followCapacity(following, d.measureAgain, d.inside)
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	d.web.SetReady()
	select {
	case <-ctx.Done():
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
