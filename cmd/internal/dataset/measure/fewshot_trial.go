package measure

import (
	"errors"
	"image"
	"math"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// trial is one film being measured.
type trial struct {
	*fewShot
	persona *persona.Persona
	render  *mesh.Renderer
	sit     *reenact.Reenactor
	painter *portrait.Painter
	out     *Film
	known   []*views.Posed // per variant; nil: nothing to add
	tuned   struct {       // what is served where tuning was accepted
		painter *portrait.Painter // nil: what is served untuned
		known   *views.Posed      // below it
	}
	areas  areas
	box    []float32
	truth  *picture
	before []*picture // served before, per number of pictures
	last   struct {
		truth *picture
		areas areas
		frame int
	}
	base    *frame.I420 // what is served without further views
	picture *frame.I420
	view    *image.RGBA
	shown   *image.RGBA
	who     []float32 // whom the true picture shows
	own     []float32 // whom what is served shows
	alike   []float32 // SSIM of every pixel
	sheet   []sheetRow
}

func (f *fewShot) open(p *persona.Persona, s *dataset.Scene) (t *trial, err error) {
	e := quality.Edge
	t = &trial{fewShot: f, persona: p, areas: newAreas(e), box: make([]float32, e*e), truth: newPicture(e), own: make([]float32, face.IdentitySize)}
	t.who, t.alike = make([]float32, face.IdentitySize), make([]float32, e*e)
	t.view, t.shown = image.NewRGBA(image.Rect(0, 0, e, e)), image.NewRGBA(image.Rect(0, 0, e, e))
	t.last.truth, t.last.areas, t.last.frame = newPicture(e), newAreas(e), -1
	if t.picture, err = frame.NewI420(e, e); err != nil {
		return nil, err
	}
	if t.base, err = frame.NewI420(e, e); err != nil {
		return nil, err
	}
	if t.render, err = mesh.New(p, mesh.Options{Size: e, Badge: mesh.BadgeNone}); err != nil {
		return nil, err
	}
	if t.sit, err = reenact.New(p, t.render, e); err != nil {
		return nil, err
	}
	look, err := f.Model.Appearance(p)
	if err != nil {
		return nil, err
	}
	if t.painter, err = f.Model.NewPainter(look, e); err != nil {
		return nil, err
	}
	t.out = &Film{Person: s.Person, Name: s.Name, Views: 1 + len(p.Others)}
	for _, v := range variants() {
		start := time.Now()
		known, err := t.study(v.pictures, t.plain)
		if err != nil {
			return nil, err
		}
		t.out.Preparing = max(t.out.Preparing, time.Since(start).Seconds())
		t.known, t.before = append(t.known, known), append(t.before, newPicture(e))
		t.out.Rows = append(t.out.Rows, &fewRow{Pictures: v.pictures, Tuned: v.tuned})
	}
	return t, nil
}

// of is the persona of so many pictures.
func (t *trial) of(pictures int) *persona.Persona {
	p := *t.persona
	p.Others = p.Others[:min(pictures-1, len(p.Others))]
	return &p
}

// study finds what so many pictures add to what draw draws; nil: nothing.
func (t *trial) study(pictures int, draw func(*frame.I420, *motion.State) error) (*views.Posed, error) {
	v, err := views.New(t.of(pictures), quality.Edge, draw)
	if err != nil || v == nil {
		return nil, err
	}
	return v.NewPosed(), nil
}

// plain draws what is served without further views.
func (t *trial) plain(dst *frame.I420, st *motion.State) error {
	if err := t.render.Render(dst, st); err != nil {
		return err
	}
	return t.painter.Paint(dst, st)
}

// judge measures one frame.
func (t *trial) judge(sh *dataset.Shot) error {
	place := reenact.PlaceOf(t.persona)
	if err := t.sit.Draw(&sh.Sample, place, time.Unix(1000, 0)); err != nil {
		return err
	}
	st := &t.sit.State
	if err := t.look(sh, place); err != nil {
		return err
	}
	points, known := placed(st), false
	if t.like.Known() {
		var err error
		if known, err = t.like.Embed(t.view, points, t.who); err != nil {
			return err
		}
	}
	if err := t.plain(t.base, st); err != nil {
		return err
	}
	follows := t.last.frame >= 0 && sh.Frame == t.last.frame+1
	line := sheetRow{opening: st.MouthOpen, blink: min(st.Lid[0], st.Lid[1])}
	line.add(t.view, st)
	for k, v := range variants() {
		if err := t.serve(k, v.tuned); err != nil {
			return err
		}
		line.add(t.shown, st)
		t.compare(k, follows)
		if !known {
			continue
		}
		if ok, err := t.like.Embed(t.shown, points, t.own); err != nil {
			return err
		} else if ok {
			t.out.Rows[k].like.Add(face.Similarity(t.own, t.who))
		}
	}
	t.sheet = append(t.sheet, line)
	t.truth, t.last.truth = t.last.truth, t.truth
	t.areas, t.last.areas = t.last.areas, t.areas
	t.last.frame = sh.Frame
	return nil
}

// look takes the true picture, and finds the areas.
func (t *trial) look(sh *dataset.Shot, place reenact.Placement) error {
	e, st := quality.Edge, &t.sit.State
	whole := portrait.Head()
	whole.Edge = e
	pixels := make([]byte, 3*e*e)
	reenact.Truth(pixels, e, sh.View, place, whole.Align(&st.Head, motion.Vec3{}))
	reenact.Interleave(t.view, pixels)
	if err := errors.Join(t.picture.FromRGBA(t.view), t.picture.ToRGBA(t.view)); err != nil {
		return err
	}
	t.truth.set(t.view)
	t.finder.find(&t.areas, st, &t.persona.Face)
	mouthBox(t.box, e, st)
	t.similarity.to(t.truth)
	return nil
}

// serve shows what is served of the k-th variant.
func (t *trial) serve(k int, tuned bool) error {
	if tuned && t.tuned.painter != nil {
		return t.serveTuned(k)
	}
	t.picture.CopyFrom(t.base)
	if posed := t.known[k]; posed != nil {
		start := time.Now()
		if err := posed.Paint(t.picture, &t.sit.State, 0); err != nil {
			return err
		}
		t.out.Rows[k].millis.Add(time.Since(start).Seconds() * 1000)
	}
	return t.picture.ToRGBA(t.shown)
}

// compare measures what is shown.
func (t *trial) compare(k int, follows bool) {
	p, r := newPicture(quality.Edge), t.out.Rows[k]
	p.set(t.shown)
	t.similarity.of(p, t.alike)
	add := func(a *fewArea, weight []float32) { a.add(p.compare(t.truth, t.alike, weight), t.truth.energy(weight)) }
	if t.areas.there(areaInner) {
		inner := t.areas.weight[areaInner]
		add(&r.Inner, inner)
		skin, lips := tone(t.truth, t.areas.weight[areaAround]), newLipFrame(&t.sit.State, quality.Edge)
		r.Teeth.add(look(p, inner, skin, lips), look(t.truth, inner, skin, lips))
	}
	add(&r.Box, t.box)
	add(&r.Eyes, t.areas.weight[areaEyes])
	add(&r.Face, t.areas.weight[AreaFace])
	if follows {
		r.Box.flicker.Add(flicker(p, t.before[k], t.truth, t.last.truth, t.box, t.box))
		r.Face.flicker.Add(flicker(p, t.before[k], t.truth, t.last.truth, t.areas.weight[AreaFace], t.last.areas.weight[AreaFace]))
	}
	t.before[k] = p
}

// mouthBox marks a square around the mouth, 1.5 times as wide as it is.
func mouthBox(dst []float32, edge int, st *motion.State) {
	clear(dst)
	l, r := st.Head.Apply(st.Points[motion.MouthLeft]), st.Head.Apply(st.Points[motion.MouthRight])
	up, low := st.Head.Apply(st.Points[0]), st.Head.Apply(st.Points[17])
	half := 0.75 * math.Hypot(float64(r.X-l.X), float64(r.Y-l.Y)) * float64(edge)
	cx, cy := float64(l.X+r.X)/2*float64(edge), float64(up.Y+low.Y)/2*float64(edge)
	for y := max(int(cy-half), 0); y < min(int(cy+half), edge); y++ {
		for x := max(int(cx-half), 0); x < min(int(cx+half), edge); x++ {
			dst[y*edge+x] = 1
		}
	}
}
