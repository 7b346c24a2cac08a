package live

import (
	"context"
	"fmt"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/metrics"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/rtc/whep"
	"github.com/gioconda-live/gioconda/web"
	"github.com/gioconda-live/gioconda/web/access"
)

func (d *Server) open(ctx context.Context) error {
	cfg, log := d.o.Config, d.o.Log
	if err := d.openDoor(); err != nil { // at once, before anything slow
		return err
	}
	if err := d.openCameras(ctx); err != nil {
		return err
	}
	paintings, store, err := d.openGallery(ctx)
	if err != nil {
		return err
	}
	choice := *d.o.Engine
	choice.Later = true // by keeper
	if d.engine, err = engine.Choose(ctx, d.o.Networks, paintings[0], &choice); err != nil {
		return err
	}
	d.cache = compositor.NewCache(d.o.Engine.Mesh, d.engine.Model, refresher(store, log))
	d.loop = pipeline.NewLoop(cfg.Pipeline, compositor.NewParallel(d.engine.Model, compositor.Helpers()), encode.New(cfg.Pipeline), log)
	d.host = &host{
		cfg: cfg, loop: d.loop, admission: pipeline.NewAdmission(d.engine.Capacity), engine: d.engine,
		store: store, subjects: d.cache, drops: newBackdrops(cfg.Pipeline.Size), names: newNames(), tally: newTally(), screen: d.screen,
		log: log,
	}
	d.keeper = &keeper{
		engine: d.engine, admission: d.host.admission, fps: cfg.Pipeline.FPS, inside: d.host.tally.inside, alone: d.measureAlone, machine: cputime.Read, faulted: d.faulted, log: log,
	}
	d.health, d.metrics = &health{host: d.host, leaving: d.leaving}, metrics.New(d.state)
	if err = d.openCluster(); err != nil {
		return err
	}
	d.loop.Observe(d.observe)
	d.loop.OnFault(d.faulted)
	if err = d.openNetwork(); err != nil {
		return err
	}
	if err = d.openWeb(store); err != nil {
		return err
	}
	return d.openMetrics(ctx)
}

// openGallery makes ready what makes personas, and the personas that come with the program.
func (d *Server) openGallery(ctx context.Context) (paintings []*persona.Persona, store *persona.Store, err error) {
	cfg := d.o.Config
	if err = d.o.Maker.Open(); err != nil { // now, not when the first picture comes
		return nil, nil, err
	}
	if paintings, err = d.o.Maker.Paintings(ctx, cfg.Gallery.Paintings); err != nil {
		return nil, nil, err
	}
	if store, err = persona.OpenStore(cfg.Gallery.Dir, paintings...); err != nil {
		return nil, nil, err
	}
	if _, err = store.Get(cfg.Gallery.Persona); err != nil {
		return nil, nil, fmt.Errorf("gallery.persona %q cannot be used; there are %s: %w", cfg.Gallery.Persona, personaIDs(store), err)
	}
	return paintings, store, nil
}

// openNetwork makes ready how browsers, viewers and exits connect.
func (d *Server) openNetwork() (err error) {
	cfg, log := d.o.Config, d.o.Log
	d.transport, err = rtc.NewTransport(cfg.RTC.Config, rtc.Options{
		Log: log, Faulted: d.faulted,
		Bitrate: rtc.Bitrate{Min: cfg.Pipeline.BitrateMin, Start: cfg.Pipeline.BitrateStart, Max: cfg.Pipeline.BitrateMax},
	})
	if err != nil {
		return err
	}
	if err = d.openExits(); err != nil {
		return err
	}
	o := signalling.Options{Host: d.host, Transport: d.transport, Log: log, Leave: leave, Refused: d.refused, Faulted: d.faulted}
	if d.others != nil {
		o.Router = routed{d.others}
	}
	d.rtc, err = signalling.New(cfg.RTC.Server, o)
	if err != nil {
		return err
	}
	d.viewers, err = whep.New(cfg.RTC.Viewers, whep.Options{
		Host: d.host, Transport: d.transport, Log: log, PerAddress: cfg.RTC.Server.MaxPerAddress, Over: over,
	})
	return err
}

func (d *Server) openWeb(store *persona.Store) error {
	cfg := d.o.Config
	client, err := web.Client()
	if err != nil {
		return err
	}
	gallery := &personaAPI{store: store, maker: d.o.Maker, networks: d.o.Networks, model: d.engine.Model, log: d.o.Log}
	d.web = &web.Server{
		Config: cfg.Web, Certs: d.certs,
		Access: &access.Policy{
			Listen: cfg.Web.Listen, Origins: cfg.Web.AllowedOrigins, Extensions: cfg.Web.Extensions, Proxied: cfg.Web.BehindProxy,
			Tokens: d.tokens,
		},
		Client: client, ModelsDir: cfg.Models.Dir, Log: d.o.Log, Signalling: d.rtc, Viewers: d.viewers,
		Personas: gallery, Gallery: gallery, Teacher: gallery, Faces: gallery, Backdrops: d.host.drops, Exits: exitAPI{d.host.exits},
		Health: d.health, Faulted: d.faulted,
		About: web.About{
			Version: d.o.Version, Generator: d.engine.Name, Size: cfg.Pipeline.Size, FPS: cfg.Pipeline.FPS, Codecs: cfg.RTC.Codecs,
			DefaultPersona: cfg.Gallery.Persona, ICEServers: iceServers(cfg.RTC.ICEServers),
			PlayoutDelay: cfg.RTC.PlayoutDelay, Attestation: persona.Attestation,
		},
	}
	if d.others != nil {
		d.web.Cluster, d.web.Access.Cluster = d.others, d.others
	}
	if d.camera != nil {
		d.web.Camera = cameraAPI{d.camera, d.microphone, d.o.Cameras.Session}
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
