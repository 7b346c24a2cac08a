package live

import (
	"context"
	"io"
	"log/slog"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/web"
)

// personaAPI is the persona store as the web handlers see it.
type personaAPI struct {
	store *persona.Store
	maker *personas.Maker
	// networks has what tells people apart, where that is installed.
	networks *face.Networks
	model    *portrait.Model // whose findings are kept in new personas; nil: none
	log      *slog.Logger
}

var (
	_ web.Personas   = (*personaAPI)(nil)
	_ web.Gallery    = (*personaAPI)(nil)
	_ web.Teacher    = (*personaAPI)(nil)
	_ web.FaceFinder = (*personaAPI)(nil)
)

func info(m *persona.Manifest, builtin bool) web.PersonaInfo {
	out := web.PersonaInfo{ID: m.ID, Name: m.Name, Credit: m.Credit, Builtin: builtin, Warnings: []web.Warning{}}
	for _, w := range m.Warnings {
		out.Warnings = append(out.Warnings, web.Warning(w))
	}
	return out
}

func (g *personaAPI) List() []web.PersonaInfo {
	entries, problems := g.store.List()
	for _, p := range problems {
		g.log.Warn("a persona cannot be used", "file", p.Path, "error", p.Err)
	}
	list := make([]web.PersonaInfo, 0, len(entries))
	for i := range entries {
		list = append(list, info(&entries[i].Manifest, entries[i].Builtin))
	}
	return list
}

func (g *personaAPI) Portrait(id string, edge int) ([]byte, error) {
	p, err := g.store.Get(id)
	if err != nil {
		return nil, err
	}
	return p.Thumbnail(edge)
}

func (g *personaAPI) File(id string) (io.ReadSeekCloser, error) { return g.store.File(id) }

func (g *personaAPI) Version(id string) (string, error) { return g.store.Version(id) }

func (g *personaAPI) Create(ctx context.Context, up web.Upload, progress func(float64, string)) (web.PersonaInfo, error) {
	p, err := g.maker.Make(ctx, up.Picture, up.Name, persona.Options{Limits: intake.PortraitLimits(), Attested: up.Attested, SourceName: up.Name, Face: up.Face},
		func(f float64, step string) {
			if f < 1 { // it is ready once it is kept
				progress(0.9*f, step)
			}
		})
	if err == nil {
		progress(0.95, "Keeping it")
		p, err = g.keep(p)
	}
	if err != nil {
		return web.PersonaInfo{}, err
	}
	return info(&p.Manifest, false), nil
}

// Find implements web.FaceFinder.
func (g *personaAPI) Find(ctx context.Context, picture []byte) (web.FaceList, error) {
	size, boxes, err := g.maker.Faces(ctx, picture, intake.PortraitLimits())
	list := web.FaceList{Width: size[0], Height: size[1], Faces: []web.FaceBox{}}
	for _, b := range boxes {
		list.Faces = append(list.Faces, web.FaceBox{X: b.X, Y: b.Y, Width: b.Width, Height: b.Height})
	}
	return list, err
}

// keep saves a new persona, with what the learned layer finds in it, so that it opens at once.
func (g *personaAPI) keep(p *persona.Persona) (*persona.Persona, error) {
	whole, err := compositor.KeepAppearance(g.model, p)
	if err != nil {
		g.log.Warn("the learned layer cannot look at a new persona", "persona", p.Manifest.ID, "error", err)
		whole = p
	}
	return g.store.Add(whole)
}

func (g *personaAPI) Import(file io.Reader, attested bool) (web.PersonaInfo, error) {
	p, err := persona.ReadForeign(file, attested)
	if err == nil {
		p, err = g.keep(p)
	}
	if err != nil {
		return web.PersonaInfo{}, err
	}
	return info(&p.Manifest, false), nil
}

func (g *personaAPI) Rename(id, name string) (web.PersonaInfo, error) {
	p, err := g.store.Rename(id, name)
	if err != nil {
		return web.PersonaInfo{}, err
	}
	return info(&p.Manifest, false), nil
}

func (g *personaAPI) Reorder(ids []string) error { return g.store.Reorder(ids) }

func (g *personaAPI) Delete(id string) error { return g.store.Delete(id) }

// refresher puts a persona that the learned layer had to look at, since its weights are new, back into the store, so that
// it opens at once the next time. Where that cannot be the log says so.
func refresher(store *persona.Store, log *slog.Logger) func(p, whole *persona.Persona) *persona.Persona {
	return func(p, whole *persona.Persona) *persona.Persona {
		kept, err := store.Refresh(p, whole)
		if err != nil {
			log.Warn("what the learned layer finds in a persona is not kept; it will be looked at again", "persona", p.Manifest.ID, "error", err)
			return p
		}
		return kept
	}
}
