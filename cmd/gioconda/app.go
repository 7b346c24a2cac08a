package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/web"
)

// demo is the running server: everything that has to be closed, in the order in which it was opened.
type demo struct {
	app       *app
	vision    *vision
	studio    *studio
	layer     *layer
	easel     *easel
	loop      *pipeline.Loop
	host      *host
	transport *rtc.Transport
	rtc       *rtc.Server
	web       *web.Server
}

// open starts everything but the listener. Close it also when open fails.
func (d *demo) open(ctx context.Context) error {
	cfg, log := &d.app.cfg, d.app.log
	var err error
	if d.vision, err = d.app.openVision(); err != nil {
		return err
	}
	if d.studio, err = openStudio(d.vision); err != nil {
		return err
	}
	lisa, err := d.studio.monaLisa(ctx, d.app.builtinDir())
	if err != nil {
		return err
	}
	store, err := persona.OpenStore(cfg.Gallery.Dir, lisa)
	if err != nil {
		return err
	}
	if _, err := store.Get(cfg.Gallery.Persona); err != nil {
		return fmt.Errorf("gallery.persona %q cannot be used; there are %s: %w", cfg.Gallery.Persona, personaIDs(store), err)
	}
	if d.layer, err = d.app.openLayer(ctx, d.vision, lisa); err != nil {
		return err
	}
	d.easel = &easel{options: d.app.meshOptions(), model: d.layer.model, refresh: refresher(store, log)}
	d.loop = pipeline.NewLoop(cfg.Pipeline, newGenerator(d.layer.model, clock.System{}), clock.System{}, log)
	d.host = &host{
		cfg: cfg, loop: d.loop, door: pipeline.NewDoor(d.layer.room), layer: d.layer,
		store: store, easel: d.easel, drops: &backdrops{}, log: log,
	}
	d.transport, err = rtc.NewTransport(cfg.RTC.Config, rtc.Options{
		Log:     log,
		Bitrate: rtc.Bitrate{Min: cfg.Pipeline.BitrateMin, Start: cfg.Pipeline.BitrateStart, Max: cfg.Pipeline.BitrateMax},
	})
	if err != nil {
		return err
	}
	server := cfg.RTC.Server
	server.Origins = cfg.Web.AllowedOrigins
	d.rtc, err = rtc.New(server, rtc.ServerOptions{Host: d.host, Transport: d.transport, Log: log})
	if err != nil {
		return err
	}
	return d.openWeb(store)
}

func (d *demo) openWeb(store *persona.Store) error {
	cfg := &d.app.cfg
	client, err := web.Client()
	if err != nil {
		return err
	}
	d.web = &web.Server{
		Config: cfg.Web, Client: client, ModelsDir: cfg.Models.Dir, Log: d.app.log, Signalling: d.rtc,
		Personas:     &gallery{store: store, studio: d.studio, easel: d.easel, log: d.app.log},
		Performances: performances{}, Backdrops: d.host.drops,
		About: web.About{
			Version: version, Generator: d.layer.name, Size: cfg.Pipeline.Size, FPS: cfg.Pipeline.FPS, Codecs: cfg.RTC.Codecs,
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

// serve answers on the listener until ctx ends, then closes what can be waited for.
func (d *demo) serve(ctx context.Context, l net.Listener) error {
	loopCtx, stopLoop := context.WithCancel(context.Background())
	loopDone := make(chan struct{})
	go func() { defer close(loopDone); d.loop.Run(loopCtx) }()
	srv := &http.Server{
		Handler: d.web.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: d.app.cfg.Web.UploadTimeout,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	d.web.SetReady()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	wait, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err = errors.Join(err, d.rtc.Close(wait), srv.Shutdown(wait))
	stopLoop()
	<-loopDone
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close frees what open opened, in reverse.
func (d *demo) Close() error {
	var err error
	if d.transport != nil {
		d.transport.Close()
	}
	if d.easel != nil {
		d.easel.Close()
	}
	if d.layer != nil {
		err = errors.Join(err, d.layer.Close())
	}
	if d.studio != nil {
		err = errors.Join(err, d.studio.Close())
	}
	if d.vision != nil {
		err = errors.Join(err, d.vision.Close())
	}
	return err
}

// listen opens the demo's port, or says who might have it.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
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

// performances are those of package perform, as the web handlers see them.
type performances struct{}

func (performances) List() []web.Performance {
	var out []web.Performance
	for _, p := range perform.List() {
		out = append(out, web.Performance{Name: p.Name, Title: p.Title, Seconds: p.Seconds})
	}
	return out
}

func (performances) Write(w io.Writer, name string) error { return perform.Encode(w, name) }
