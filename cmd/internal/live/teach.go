package live

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/teach"
	"github.com/gioconda-live/gioconda/cmd/internal/tuning"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/web"
)

// Teach implements web.Teacher.
func (g *personaAPI) Teach(ctx context.Context, t *web.Teaching, turn func(func() error) error, progress func(float64, string)) (out web.Taught, err error) {
	who, err := g.recogniser()
	if err != nil {
		return out, err
	}
	defer cleanup.Close(&err, who)
	all := make([]teach.Picture, len(t.Pictures))
	out.Pictures = make([]web.Judged, len(t.Pictures))
	for i, p := range t.Pictures {
		all[i] = teach.Picture{Name: p.Name, Data: p.Data, Beside: p.Beside}
		out.Pictures[i] = web.Judged{Name: p.Name, Use: web.UseView}
	}
	p, err := teach.Sent(ctx, all, t.Together, &teach.Options{
		Name: t.Name, Persona: persona.Options{Limits: intake.PortraitLimits(), Attested: t.Attested}, Maker: g.maker, Who: who, Turn: turn,
		Progress: func(f float64, step string) { progress(0.9*f, step) },
		Model:    g.model,
		Tuned:    func(r *tuning.Result) { out.Tuned = teach.Said(r) },
		Shown:    func(number int) { out.Pictures[number].Use = web.UseFace },
		Left: func(l teach.Left) {
			j := &out.Pictures[l.Number]
			j.Use, j.Code, j.Why = web.UseNone, l.Code, l.Why
		},
	})
	if err != nil {
		return web.Taught{}, err
	}
	if !who.Known() {
		p.Manifest.Warnings = append(p.Manifest.Warnings, persona.Warning{
			Code: "people_unknown", Message: "Whether all pictures show the same person was not checked: this server has no network for that.",
		})
	}
	p.Manifest.SourceName = t.Name // what somebody calls files on a machine of theirs is nobody's business
	progress(0.95, "Keeping it")
	err = turn(func() error {
		p, err = g.keep(p)
		return err
	})
	if err != nil {
		return web.Taught{}, err
	}
	out.Persona = info(&p.Manifest, false)
	return out, nil
}

// recogniser opens what tells people apart, or what knows nobody where it is not installed. The caller closes it.
func (g *personaAPI) recogniser() (recogniser, error) {
	if _, err := os.Stat(filepath.Join(g.networks.Dir, weights.FaceIdentity)); errors.Is(err, fs.ErrNotExist) {
		return recogniser{}, nil
	}
	n, err := g.networks.Identity()
	return recogniser{n}, err
}

// recogniser is a teach.Recogniser; without a network it knows nobody.
type recogniser struct{ network *face.Identity }

func (r recogniser) Known() bool { return r.network != nil }

func (r recogniser) Embed(picture *image.RGBA, points *[landmark.Count]landmark.Point, dst []float32) (bool, error) {
	err := r.network.Embed(face.FromRGBA(picture), points, dst)
	if errors.Is(err, face.ErrNoEmbedding) {
		return false, nil
	}
	return err == nil, err
}

func (r recogniser) Close() error {
	if r.network == nil {
		return nil
	}
	return r.network.Close()
}
