// Package engine chooses what draws: which generator, on which device, how fast that is here, and for how many sessions.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

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

// Options say what is chosen from and how it is measured.
type Options struct {
	Use      string // a generator's name or folder, MeshOnly, or configs.Auto
	Device   string // auto, cpu, cuda or cuda:N
	Catalog  Catalog
	Pipeline pipeline.Config
	Mesh     mesh.Options // of the geometric layer as sessions begin with it
	Later    bool         // auto keeps a learned layer that is too slow at the moment, for one who judges it again while it runs
	Log      *slog.Logger
}

// Engine is what was chosen to draw with, and what that costs here.
type Engine struct {
	Model    *portrait.Model // nil: the geometric layer alone
	Name     string          // of the generator, or MeshOnly
	Note     string          // why not what was asked for, for people; may be empty
	Named    bool            // somebody asked for this very generator
	Speed    Speed           // as measured at the start; Wants is that of now
	Capacity pipeline.Capacity

	workers int        // that draw one picture
	threads int        // that draw for the loop at the same time, with it; 0: it alone
	mu      sync.Mutex // guards the following
	alone   Speed      // measured last while nobody was drawn for
	now     Speed      // what is known now; zero: as at the start
}

// Close frees the generator.
func (e *Engine) Close() error {
	if e.Model == nil {
		return nil
	}
	return e.Model.Close()
}

// Costs are what a session takes with both layers, and with the geometric one alone. A generator that somebody asked for
// by name gets at least one session, however slow it is.
func (e *Engine) Costs() (both, plain pipeline.Cost) {
	both, plain = e.measured()
	if e.Named && e.Capacity.Fits(both) == 0 {
		both = e.Capacity.Budget
	}
	return both, plain
}

// measured are the costs as they were measured.
func (e *Engine) measured() (both, plain pipeline.Cost) {
	s := e.Now()
	drawing := s.Geometric * time.Duration(max(1, e.workers))
	plain = pipeline.Cost{Loop: s.Geometric, Cores: drawing + s.Encode}
	both = pipeline.Cost{Loop: plain.Loop + s.Learned, Cores: plain.Cores + s.Learned}
	if n := time.Duration(e.threads); n > 1 && (e.Model == nil || !e.Model.Device().CUDA) { // they draw at the same time; the networks keep the loop's own
		plain.Loop = drawing / n
		both.Loop = max(s.Learned, (drawing+s.Learned)/n)
	}
	return both, plain
}

// Now is what a frame takes as far as that is known by now.
func (e *Engine) Now() Speed {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.now.FPS > 0 {
		return e.now
	}
	return e.Speed
}

// Wants lists what a session may be let in with, the best first.
func (e *Engine) Wants() []pipeline.Cost {
	both, plain := e.Costs()
	if e.Model == nil {
		return []pipeline.Cost{plain}
	}
	return []pipeline.Cost{both, plain}
}

// String says in one line what draws and how much fits.
func (e *Engine) String() string {
	both, plain := e.Costs()
	kept := fmt.Sprintf("%.0f %% of %s kept free", 100*pipeline.Headroom, stats.Counted(runtime.GOMAXPROCS(0), "core"))
	frame := fmt.Sprintf("%dx%d", e.Speed.Size, e.Speed.Size)
	note := ""
	if e.Note != "" {
		note = "; " + e.Note
	}
	if slow := e.TooSlow(); slow != "" && e.Named {
		note += "; " + slow + ", but it was asked for"
	} else if slow != "" {
		note += "; " + slow + ": sessions get it when there is room"
	}
	if e.Model == nil {
		return fmt.Sprintf("the geometric layer draws alone: %.1f ms, encoding %.1f ms a frame at %s; room for %s at %d fps (%s)%s",
			stats.Millis(e.Speed.Geometric), stats.Millis(e.Speed.Encode), frame, stats.Counted(e.places(plain), "session"), e.Speed.FPS, kept, note)
	}
	return fmt.Sprintf("%s on the %s: geometric layer %.1f ms, learned %.1f ms, encoding %.1f ms a frame at %s; room for %s with it at %d fps, %d without (%s)%s",
		e.Name, e.Model.Device(), stats.Millis(e.Speed.Geometric), stats.Millis(e.Speed.Learned), stats.Millis(e.Speed.Encode), frame,
		stats.Counted(e.places(both), "session"), e.Speed.FPS, e.places(plain), kept, note)
}

// places is how many sessions of a cost are let in.
func (e *Engine) places(c pipeline.Cost) int {
	n := max(e.Capacity.Fits(c), 1)
	if e.Capacity.Sessions > 0 {
		n = min(n, e.Capacity.Sessions)
	}
	return n
}

// Choose chooses, opens and measures what draws: p is drawn for half a second. The caller closes it before n.
func Choose(ctx context.Context, n *face.Networks, p *persona.Persona, o *Options) (*Engine, error) {
	e := &Engine{
		Name: MeshOnly, workers: o.Pipeline.Workers, threads: 1,
		Capacity: pipeline.NewCapacity(o.Pipeline.FPS, runtime.GOMAXPROCS(0), o.Pipeline.MaxSessions),
	}
	if e.workers <= 1 {
		e.threads += compositor.Helpers()
	}
	switch o.Use {
	case MeshOnly:
	case configs.Auto:
		return e, e.auto(ctx, n, p, o)
	default:
		if err := e.load(n, o, o.Use); err != nil {
			return nil, err
		}
		e.Named = true
	}
	return e, e.measure(ctx, p, o)
}

// Load opens the generator that o names, and measures nothing: offline there is no frame rate to hold. The caller closes it
// before n.
func Load(n *face.Networks, o *Options) (*Engine, error) {
	e := &Engine{Name: MeshOnly, Named: true}
	if o.Use == MeshOnly {
		return e, nil
	}
	if err := e.load(n, o, o.Use); err != nil {
		return nil, err
	}
	return e, nil
}

// load opens a generator by name on the device of o.
func (e *Engine) load(n *face.Networks, o *Options, name string) error {
	src, err := o.Catalog.Find(name)
	if err != nil {
		return err
	}
	model, note, err := openModel(n.Runtime, src, o.Device)
	if err != nil {
		return fmt.Errorf("generator %s (%s): %w", src.Name, src.From, err)
	}
	e.Model, e.Name, e.Note = model, src.Name, note
	return nil
}

// openModel opens a generator. On the device auto it takes a GPU if it can, and says in note why it could not where the
// library has CUDA; where a device is named it takes that one or fails.
func openModel(rt *ort.Runtime, src Source, device string) (m *portrait.Model, note string, err error) {
	if device != configs.Auto {
		var d ort.Device
		if d, err = ort.ParseDevice(device); err == nil {
			m, err = portrait.Open(rt, src.Dir, d)
		}
		return m, "", err
	}
	if rt.HasCUDA() == nil {
		if m, err = portrait.Open(rt, src.Dir, ort.Device{CUDA: true}); err == nil {
			return m, "", nil
		}
		note = fmt.Sprintf("it computes on the CPU because the GPU cannot be used: %v", err)
	}
	m, err = portrait.Open(rt, src.Dir, ort.Device{})
	return m, note, err
}

// auto takes the large generator on a GPU, else the small one, if a session holds the frame rate with it; else none.
func (e *Engine) auto(ctx context.Context, n *face.Networks, p *persona.Persona, o *Options) error {
	device := o.Device
	candidates := []string{Small}
	if device != "cpu" {
		if err := n.Runtime.HasCUDA(); err == nil {
			candidates = []string{Large, Small}
		} else if device != configs.Auto {
			return fmt.Errorf("--device %s: %w", device, err)
		}
	}
	for _, name := range candidates {
		err := e.loadAuto(n, o, name)
		if err != nil && name == Large {
			o.Log.Info("the large generator is not taken", "error", err)
			continue
		}
		if err == nil {
			err = e.measure(ctx, p, o)
		}
		if err != nil {
			return errors.Join(err, e.Close())
		}
		note := e.TooSlow()
		if note == "" || o.Later && name == candidates[len(candidates)-1] {
			return nil
		}
		err = e.Close()
		e.Model, e.Name, e.Note, e.Speed.Learned = nil, MeshOnly, note, 0
		if err != nil {
			return err
		}
	}
	return nil
}

// loadAuto opens a candidate: the large generator on a GPU only, the small one wherever the configuration allows.
func (e *Engine) loadAuto(n *face.Networks, o *Options, name string) (err error) {
	if name != Large {
		return e.load(n, o, name)
	}
	src, err := o.Catalog.Find(name)
	if err != nil {
		return err
	}
	d := ort.Device{CUDA: true}
	if o.Device != configs.Auto {
		if d, err = ort.ParseDevice(o.Device); err != nil {
			return err
		}
	}
	if e.Model, err = portrait.Open(n.Runtime, src.Dir, d); err == nil {
		e.Name = src.Name
	}
	return err
}

// TooSlow says why not even one session with both layers fits now; "" if one does, or there is no learned layer.
func (e *Engine) TooSlow() string {
	if e.Model == nil {
		return ""
	}
	return e.tooSlow()
}

func (e *Engine) tooSlow() string {
	both, _ := e.measured()
	if e.Capacity.Fits(both) > 0 {
		return ""
	}
	what, took, left := "drawing", both.Loop, e.Capacity.Budget.Loop
	if took <= left {
		what, took, left = "drawing and encoding", both.Cores, e.Capacity.Budget.Cores
	}
	return fmt.Sprintf("with the learned layer %s, %s would take %.1f ms a frame, more than the %.1f ms that %d fps leave on this machine",
		e.Name, what, stats.Millis(took), stats.Millis(left), e.Speed.FPS)
}
