package mesh

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/gioconda-live/gioconda/models/mesh/body"
	"github.com/gioconda-live/gioconda/models/mesh/crease"
	"github.com/gioconda-live/gioconda/models/mesh/eye"
	"github.com/gioconda-live/gioconda/models/mesh/head"
	"github.com/gioconda-live/gioconda/models/mesh/light"
	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/mouth"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// model is everything derived from a persona at one size. Immutable once built, shared by forks.
type model struct {
	g          *pose.Geometry
	head       *head.Head
	body       *body.Body
	eyes       [2]*eye.Eye
	mouth      *mouth.Mouth
	creases    [2]*crease.Crease
	light      *light.Light   // nil where the portrait has no shade to follow
	background planar.Picture // at output size, full-resolution chroma
}

// newModel derives layers from a persona. A persona that breaks a layer, which no check has foreseen, is an error, too.
func newModel(p *persona.Persona, size int) (m *model, err error) {
	if err = check(p); err != nil {
		return nil, err
	}
	defer func() {
		if fault := recover(); fault != nil {
			m, err = nil, fmt.Errorf("mesh: the persona cannot be drawn: %v\n%s", fault, debug.Stack())
		}
	}()
	g, err := pose.New(&p.Face, size)
	if err != nil {
		return nil, err
	}
	edge := size + 2*g.Pad
	src := matte.Separate(source(p), matte.Bounds{Least: g.Sure(edge), Most: g.Reach(edge)}, size, g.Pad)
	alpha, face := src.Alpha, src.Fore.Clone()
	g.FindJaw(src.Picture, alpha)
	shape := head.NewMesh(g, p.Triangles)
	split := body.SplitHead(g, alpha, shape.OutsideFace(alpha.W).Erode(int(0.05*g.Unit)))
	headAlpha := planar.New(alpha.W, alpha.H)
	for o, a := range alpha.Pix {
		headAlpha.Pix[o] = a * split.Pix[o]
	}
	shape.SmoothGrazing(face)
	m = &model{g: g}
	for i := range m.eyes {
		m.eyes[i] = eye.New(g, i, src.Picture, face)
	}
	m.mouth = mouth.New(g, src.Picture)
	m.creases = crease.New(g, face)
	m.light = light.New(g, p.Triangles, src.Picture, alpha)
	m.head = head.New(shape, face, src.Fore, headAlpha)
	m.body = body.New(g, src.Fore, alpha, split)
	for k := range 3 {
		m.background[k] = src.Back[k].Cut(planar.Rect{X0: g.Pad, Y0: g.Pad, X1: g.Pad + size, Y1: g.Pad + size})
	}
	return m, nil
}

// source is what a persona knows of its picture.
func source(p *persona.Persona) matte.Source {
	s := matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}
	if p.Behind != nil {
		s.Behind, s.Seen = p.Behind.Picture, p.Behind.Seen
	}
	return s
}

// check refuses a persona that cannot be drawn.
func check(p *persona.Persona) error {
	if p == nil || p.Crop == nil || p.Matte == nil {
		return errors.New("mesh: the persona has no picture or no matte")
	}
	b := p.Crop.Bounds()
	if b.Dx() < 16 || b.Dx() != b.Dy() {
		return errors.New("mesh: the persona's crop must be a square of at least 16 pixels")
	}
	if p.Matte.Bounds().Size() != b.Size() || p.Inside != nil && p.Inside.Bounds().Size() != b.Size() {
		return errors.New("mesh: matte and crop of the persona differ in size")
	}
	if q := p.Behind; q != nil && (q.Picture == nil || q.Seen == nil || q.Picture.Bounds().Size() != b.Size() || q.Seen.Bounds().Size() != b.Size()) {
		return errors.New("mesh: the crop of the persona and what is behind it differ in size")
	}
	if len(p.Triangles) == 0 {
		return errors.New("mesh: the persona has no triangles")
	}
	for _, t := range p.Triangles {
		for _, i := range t {
			if i >= landmark.SkinCount {
				return errors.New("mesh: a triangle of the persona names a landmark beyond 467")
			}
		}
	}
	return nil
}
