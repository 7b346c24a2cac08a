package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
)

// Names of the generators that are chosen from when nobody names one.
const (
	largeGenerator = "gioconda-l"
	smallGenerator = "gioconda-s"
)

// layer is what was chosen to draw with, and what that costs here.
type layer struct {
	model *portrait.Model // nil: the geometric layer alone
	name  string          // of the generator, or mesh
	note  string          // why not what was asked for, for people; may be empty
	named bool            // somebody asked for this very generator
	speed speed
	room  pipeline.Room
}

// Close frees the generator.
func (l *layer) Close() error {
	if l.model == nil {
		return nil
	}
	return l.model.Close()
}

// costs are what a session takes with both layers, and with the geometric one alone. A generator that somebody asked for
// by name gets at least one session, however slow it is.
func (l *layer) costs() (both, plain pipeline.Cost) {
	both, plain = l.measured()
	if l.named && l.room.Fits(both) == 0 {
		both = l.room.Budget
	}
	return both, plain
}

// measured are the costs as they were measured.
func (l *layer) measured() (both, plain pipeline.Cost) {
	s := &l.speed
	plain = pipeline.Cost{Loop: s.geometric, Cores: s.geometric + s.encode}
	both = pipeline.Cost{Loop: plain.Loop + s.learned, Cores: plain.Cores + s.learned}
	return both, plain
}

// wants lists what a session may be let in with, the best first.
func (l *layer) wants() []pipeline.Cost {
	both, plain := l.costs()
	if l.model == nil {
		return []pipeline.Cost{plain}
	}
	return []pipeline.Cost{both, plain}
}

// String says in one line what draws and how much fits.
func (l *layer) String() string {
	both, plain := l.costs()
	kept := fmt.Sprintf("%.0f %% of %s kept free", 100*pipeline.Headroom, stats.Counted(runtime.NumCPU(), "core"))
	frame := fmt.Sprintf("%dx%d", l.speed.size, l.speed.size)
	note := ""
	if l.note != "" {
		note = "; " + l.note
	}
	if slow := l.tooSlow(); l.model != nil && slow != "" {
		note += "; " + slow + ", but it was asked for"
	}
	if l.model == nil {
		return fmt.Sprintf("the geometric layer draws alone: %.1f ms, encoding %.1f ms a frame at %s; room for %s at %d fps (%s)%s",
			stats.Millis(l.speed.geometric), stats.Millis(l.speed.encode), frame, stats.Counted(l.places(plain), "session"), l.speed.fps, kept, note)
	}
	return fmt.Sprintf("%s paints on the %s: geometric layer %.1f ms, learned %.1f ms, encoding %.1f ms a frame at %s; room for %s with it at %d fps, %d without (%s)%s",
		l.name, l.model.Device(), stats.Millis(l.speed.geometric), stats.Millis(l.speed.learned), stats.Millis(l.speed.encode), frame,
		stats.Counted(l.places(both), "session"), l.speed.fps, l.places(plain), kept, note)
}

// places is how many sessions of a cost are let in.
func (l *layer) places(c pipeline.Cost) int {
	n := max(l.room.Fits(c), 1)
	if l.room.Sessions > 0 {
		n = min(n, l.room.Sessions)
	}
	return n
}

// openLayer chooses, opens and measures what draws: p is drawn for half a second.
func (a *app) openLayer(ctx context.Context, v *face.Networks, p *persona.Persona) (*layer, error) {
	l := &layer{
		name: meshOnly,
		room: pipeline.NewRoom(a.cfg.Pipeline.FPS, runtime.NumCPU(), a.cfg.Pipeline.MaxSessions),
	}
	var err error
	switch use := a.cfg.Generators.Use; use {
	case meshOnly:
	case configs.Auto:
		return l, a.autoLayer(ctx, v, p, l)
	default:
		l.named = true
		if err = a.loadInto(l, v, use); err != nil {
			return nil, err
		}
	}
	return l, errors.Join(a.measureLayer(ctx, p, l))
}

// loadInto opens a generator by name on the configured device.
func (a *app) loadInto(l *layer, v *face.Networks, name string) error {
	src, err := a.source(name)
	if err != nil {
		return err
	}
	model, note, err := openModel(v.Runtime, src, a.cfg.Generators.Device)
	if err != nil {
		return fmt.Errorf("generator %s (%s): %w", src.name, src.from, err)
	}
	l.model, l.name, l.note = model, src.name, note
	return nil
}

// openModel opens a generator. On the device auto it takes a GPU if it can, and says in note why it could not where the
// library has CUDA; where a device is named it takes that one or fails.
func openModel(rt *ort.Runtime, src source, device string) (m *portrait.Model, note string, err error) {
	if device != configs.Auto {
		d, err := ort.ParseDevice(device)
		if err != nil {
			return nil, "", err
		}
		m, err = portrait.Open(rt, src.dir, d)
		return m, "", err
	}
	if rt.HasCUDA() == nil {
		if m, err = portrait.Open(rt, src.dir, ort.Device{CUDA: true}); err == nil {
			return m, "", nil
		}
		note = fmt.Sprintf("it computes on the CPU because the GPU cannot be used: %v", err)
	}
	m, err = portrait.Open(rt, src.dir, ort.Device{})
	return m, note, err
}

// autoLayer takes the large generator on a GPU, else the small one, if a session holds the frame rate with it; else none.
func (a *app) autoLayer(ctx context.Context, v *face.Networks, p *persona.Persona, l *layer) error {
	device := a.cfg.Generators.Device
	candidates := []string{smallGenerator}
	if device != "cpu" {
		if err := v.Runtime.HasCUDA(); err == nil {
			candidates = []string{largeGenerator, smallGenerator}
		} else if device != configs.Auto {
			return fmt.Errorf("--device %s: %w", device, err)
		}
	}
	for _, name := range candidates {
		err := a.loadAuto(l, v, name)
		if err != nil && name == largeGenerator {
			a.log.Info("the large generator is not taken", "error", err)
			continue
		}
		if err == nil {
			err = a.measureLayer(ctx, p, l)
		}
		if err != nil {
			return errors.Join(err, l.Close())
		}
		note := l.tooSlow()
		if note == "" {
			return nil
		}
		err = l.Close()
		l.model, l.name, l.note, l.speed.learned = nil, meshOnly, note, 0
		if err != nil {
			return err
		}
	}
	return nil
}

// loadAuto opens a candidate: the large generator on a GPU only, the small one wherever the configuration allows.
func (a *app) loadAuto(l *layer, v *face.Networks, name string) (err error) {
	if name != largeGenerator {
		return a.loadInto(l, v, name)
	}
	src, err := a.source(name)
	if err != nil {
		return err
	}
	d := ort.Device{CUDA: true}
	if a.cfg.Generators.Device != configs.Auto {
		if d, err = ort.ParseDevice(a.cfg.Generators.Device); err != nil {
			return err
		}
	}
	if l.model, err = portrait.Open(v.Runtime, src.dir, d); err == nil {
		l.name = src.name
	}
	return err
}

// tooSlow says why not even one session with both layers fits; "" if one does.
func (l *layer) tooSlow() string {
	both, _ := l.measured()
	if l.room.Fits(both) > 0 {
		return ""
	}
	what, took, left := "drawing", both.Loop, l.room.Budget.Loop
	if took <= left {
		what, took, left = "drawing and encoding", both.Cores, l.room.Budget.Cores
	}
	return fmt.Sprintf("with the learned layer %s, %s would take %.1f ms a frame, more than the %.1f ms that %d fps leave on this machine",
		l.name, what, stats.Millis(took), stats.Millis(left), l.speed.fps)
}

// meshOptions are those of the geometric layer as sessions begin with it.
func (a *app) meshOptions() mesh.Options {
	return mesh.Options{
		Size: a.cfg.Pipeline.Size, Workers: a.cfg.Pipeline.Workers, Badge: compositor.BadgePlace(a.cfg.Picture.Badge),
	}
}
