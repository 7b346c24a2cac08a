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
	"syscall"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
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
)

// Options are what a Server works with. Networks and Maker are the caller's, who closes them after the server.
type Options struct {
	Config   *configs.Config
	Version  string
	Networks *face.Networks
	Maker    *personas.Maker
	Engine   *engine.Options
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
	certs     *certs.Source // nil: no TLS
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
	if err := d.o.Maker.Open(); err != nil { // now, not when the first picture comes
		return err
	}
	lisa, err := d.o.Maker.MonaLisa(ctx)
	if err != nil {
		return err
	}
	store, err := persona.OpenStore(cfg.Gallery.Dir, lisa)
	if err != nil {
		return err
	}
	if _, err = store.Get(cfg.Gallery.Persona); err != nil {
		return fmt.Errorf("gallery.persona %q cannot be used; there are %s: %w", cfg.Gallery.Persona, personaIDs(store), err)
	}
	if d.engine, err = engine.Choose(ctx, d.o.Networks, lisa, d.o.Engine); err != nil {
		return err
	}
	d.cache = compositor.NewCache(d.o.Engine.Mesh, d.engine.Model, refresher(store, log))
	d.loop = pipeline.NewLoop(cfg.Pipeline, compositor.New(d.engine.Model), encode.New(cfg.Pipeline), log)
	d.host = &host{
		cfg: cfg, loop: d.loop, admission: pipeline.NewAdmission(d.engine.Capacity), engine: d.engine,
		store: store, subjects: d.cache, drops: newBackdrops(cfg.Pipeline.Size), names: newNames(), log: log,
	}
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
		Host: d.host, Transport: d.transport, Log: log, Leave: leave,
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
	return d.openWeb(store)
}

func (d *Server) openWeb(store *persona.Store) error {
	cfg := d.o.Config
	client, err := web.Client()
	if err != nil {
		return err
	}
	people := &personaAPI{store: store, maker: d.o.Maker, model: d.engine.Model, log: d.o.Log}
	d.web = &web.Server{
		Config: cfg.Web, Access: &access.Policy{Listen: cfg.Web.Listen, Origins: cfg.Web.AllowedOrigins, Proxied: cfg.Web.BehindProxy, Tokens: d.tokens}, Certs: d.certs,
		Client: client, ModelsDir: cfg.Models.Dir, Log: d.o.Log, Signalling: d.rtc, Viewers: d.viewers,
		Personas: people, Faces: people,
		Backdrops: d.host.drops, Exits: exitAPI{d.host.exits},
		About: web.About{
			Version: d.o.Version, Generator: d.engine.Name, Size: cfg.Pipeline.Size, FPS: cfg.Pipeline.FPS, Codecs: cfg.RTC.Codecs,
			DefaultPersona: cfg.Gallery.Persona, ICEServers: iceServers(cfg.RTC.ICEServers),
			PlayoutDelay: cfg.RTC.PlayoutDelay, Attestation: persona.Attestation,
		},
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

// Serve answers on the listener until ctx ends, then closes what can be waited for.
func (d *Server) Serve(ctx context.Context, l net.Listener) error {
	loopCtx, stopLoop := context.WithCancel(context.WithoutCancel(ctx)) // it draws until the sessions have ended
	loopDone := make(chan struct{})
	go func() { defer close(loopDone); d.loop.Run(loopCtx) }()
	srv := &http.Server{
		Handler: d.web.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: d.o.Config.Web.UploadTimeout,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(d.o.Log.Handler(), slog.LevelDebug), // devices that do not trust our authority yet, mostly
	}
	if d.certs != nil {
		l = tls.NewListener(l, d.certs.TLS)
	}
	following, stopFollowing := context.WithCancel(ctx)
	defer stopFollowing()
	go d.tokens.Follow(following, func(err error) { d.o.Log.Error("the tokens cannot be read; those known so far go on", "error", err) })
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	d.web.SetReady()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = errors.Join(err, d.viewers.Close(wait), d.rtc.Close(wait), srv.Shutdown(wait))
	stopLoop()
	<-loopDone
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close frees what Open opened, in reverse.
func (d *Server) Close() error {
	var err error
	if d.host != nil && d.host.exits != nil {
		d.host.exits.Close()
	}
	if d.transport != nil {
		d.transport.Close()
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
