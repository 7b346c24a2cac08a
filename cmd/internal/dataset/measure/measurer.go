package measure

import (
	"errors"
	"fmt"
	"image"

	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// errMeasuring wraps what goes wrong in measuring, as against footage that cannot be used.
var errMeasuring = errors.New("measuring")

// sample is one sample as it is measured.
type sample struct {
	frame    int // of the scene; -1: none
	truth    *picture
	pictures [picCount]*picture
	areas    areas
}

// measurer measures the samples that a dataset.Sampler makes, in pictures of edge x edge pixels.
type measurer struct {
	model  *portrait.Model
	like   *quality.Likeness
	report *Report
	edge   int

	entry   dataset.SourceEntry
	samples int // of this source
	painter *portrait.Painter
	own     []float32 // who the portrait shows; nil if that is not known

	now, before *sample
	finder      *areaFinder
	similarity  *similarity
	alike       [picCount][]float32 // SSIM of every pixel

	planes  []float32 // scratch: R, G, B
	bytes   []byte
	picture *frame.I420
	views   [picCount]*image.RGBA
	truth   *image.RGBA
	who     []float32 // scratch: embeddings of a picture and of the truth
	whoTrue []float32
}

var _ dataset.Sink = (*measurer)(nil)

func newMeasurer(model *portrait.Model, like *quality.Likeness, edge int, t *Report) (*measurer, error) {
	m := &measurer{
		model: model, like: like, report: t, edge: edge, finder: newAreaFinder(edge), similarity: newSimilarity(edge),
		planes: make([]float32, 3*edge*edge), bytes: make([]byte, 3*edge*edge),
		who: make([]float32, face.IdentitySize), whoTrue: make([]float32, face.IdentitySize),
	}
	still := newPicture(edge) // does not change from frame to frame
	fill := func() *sample {
		return &sample{
			frame: -1, truth: newPicture(edge), areas: newAreas(edge),
			pictures: [picCount]*picture{picStill: still, picGeometric: newPicture(edge), picLearned: newPicture(edge)},
		}
	}
	m.now, m.before = fill(), fill()
	square := image.Rect(0, 0, edge, edge)
	m.truth = image.NewRGBA(square)
	for k := range m.views {
		m.alike[k], m.views[k] = make([]float32, edge*edge), image.NewRGBA(square)
	}
	var err error
	m.picture, err = frame.NewI420(edge, edge)
	return m, err
}

// Source takes a portrait.
func (m *measurer) Source(s *reenact.Reenactor, e dataset.SourceEntry) error {
	m.entry, m.samples, m.now.frame = e, 0, -1
	look, err := m.model.Appearance(s.Persona)
	if err == nil {
		m.painter, err = m.model.NewPainter(look, m.edge)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errMeasuring, err)
	}
	whole := portrait.Head()
	whole.Edge = m.edge
	at := whole.Align(&s.Persona.Face.Head, motion.Vec3{}).Scaled(float32(s.Picture.Width))
	whole.Read(m.planes, s.Picture, &at)
	dataset.Quantise(m.bytes, m.planes)
	reenact.Interleave(m.views[picStill], m.bytes)
	if err := m.carry(m.views[picStill]); err != nil {
		return fmt.Errorf("%w: %w", errMeasuring, err)
	}
	m.now.pictures[picStill].set(m.views[picStill])
	return m.recognise(&s.Persona.Face)
}

// carry makes a picture what is left of it as I420.
func (m *measurer) carry(view *image.RGBA) error {
	return errors.Join(m.picture.FromRGBA(view), m.picture.ToRGBA(view))
}

// recognise remembers who the portrait shows; the first of each person counts for how similar different people are.
func (m *measurer) recognise(rest *motion.Rest) error {
	m.own = nil
	if !m.like.Known() {
		return nil
	}
	st := portrait.Still(rest)
	own := make([]float32, face.IdentitySize)
	ok, err := m.like.Embed(m.views[picStill], placed(&st), own)
	if err != nil {
		return fmt.Errorf("%w: %w", errMeasuring, err)
	}
	if ok {
		m.own = own
		if m.report.meet(m.entry.Person) {
			m.like.Meet(own)
		}
	}
	return nil
}

// placed are a state's landmarks in units of the picture's width.
func placed(st *motion.State) *[landmark.Count]landmark.Point {
	var out [landmark.Count]landmark.Point
	for i := range out {
		out[i] = st.Head.Apply(st.Points[i])
	}
	return &out
}

// Sample measures what was drawn last.
func (m *measurer) Sample(s *reenact.Reenactor, sh *dataset.Shot, p reenact.Placement) error {
	m.now, m.before = m.before, m.now
	if err := m.fill(s, sh, p); err != nil {
		return fmt.Errorf("%w: %w", errMeasuring, err)
	}
	one := &measured{
		kind: kindOf(&m.entry), person: m.entry.Person, film: m.entry.Scene, open: s.State.MouthOpen > openFrom, class: classOf(&s.State, &s.Persona.Face),
	}
	if m.entry.Still {
		one.film = one.kind
	}
	one.follows = !m.entry.Still && m.before.frame >= 0 && m.before.frame == m.now.frame-1
	m.compare(one)
	m.lookInside(&s.State, one)
	if m.entry.Still || m.samples%quality.IdentityEvery == 0 {
		if err := m.identify(s, one); err != nil {
			return fmt.Errorf("%w: %w", errMeasuring, err)
		}
	}
	m.samples++
	m.report.add(one)
	return nil
}

// fill fills in m.now: the truth, the pictures that are served for it, and the areas.
func (m *measurer) fill(s *reenact.Reenactor, sh *dataset.Shot, p reenact.Placement) error {
	m.now.frame = sh.Frame
	whole := portrait.Head()
	whole.Edge = m.edge
	reenact.Truth(m.bytes, m.edge, sh.View, p, whole.Align(&s.State.Head, motion.Vec3{}))
	reenact.Interleave(m.truth, m.bytes)
	if err := m.carry(m.truth); err != nil {
		return err
	}
	faults := m.painter.Faults()
	err := errors.Join(
		s.Drawn.ToRGBA(m.views[picGeometric]),
		m.picture.Blit(s.Drawn, 0, 0),
		m.painter.Paint(m.picture, &s.State),
		m.picture.ToRGBA(m.views[picLearned]),
	)
	if err != nil {
		return err
	}
	m.report.Faults += m.painter.Faults() - faults
	m.now.truth.set(m.truth)
	m.now.pictures[picGeometric].set(m.views[picGeometric])
	m.now.pictures[picLearned].set(m.views[picLearned])
	m.finder.find(&m.now.areas, &s.State, &s.Persona.Face)
	return nil
}

// compare measures m.now, and against m.before where it follows on that.
func (m *measurer) compare(one *measured) {
	x, b := m.now, m.before
	m.similarity.to(x.truth)
	for k, p := range x.pictures {
		m.similarity.of(p, m.alike[k])
	}
	for a := range areaCount {
		if one.there[a] = x.areas.there(a); !one.there[a] {
			continue
		}
		weight := x.areas.weight[a]
		one.energy[a] = x.truth.energy(weight)
		for k, p := range x.pictures {
			one.figures[a][k] = p.compare(x.truth, m.alike[k], weight)
			if one.follows {
				one.flicker[a][k] = flicker(p, b.pictures[k], x.truth, b.truth, weight, b.areas.weight[a])
			}
		}
	}
}

// lookInside measures what lies between the lips.
func (m *measurer) lookInside(st *motion.State, one *measured) {
	x := m.now
	if !one.there[areaInner] {
		return
	}
	skin, frame := tone(x.truth, x.areas.weight[areaAround]), newLipFrame(st, m.edge)
	for p, picture := range append(x.pictures[:], x.truth) {
		one.inside[p] = look(picture, x.areas.weight[areaInner], skin, frame)
	}
}

// identify tells how similar the people in the pictures are to the one in the true frame and to the portrait.
func (m *measurer) identify(s *reenact.Reenactor, one *measured) error {
	if m.own == nil {
		return nil
	}
	points := placed(&s.State) // the true face lies where the drawn one does
	ok, err := m.like.Embed(m.truth, points, m.whoTrue)
	if !ok || err != nil {
		return err
	}
	one.like = append(one.like, resemblance{toTrue, picStill, face.Similarity(m.own, m.whoTrue)})
	for _, k := range []int{picGeometric, picLearned} {
		ok, err := m.like.Embed(m.views[k], points, m.who)
		if err != nil {
			return err
		}
		if ok {
			one.like = append(one.like,
				resemblance{toTrue, k, face.Similarity(m.who, m.whoTrue)}, resemblance{toPortrait, k, face.Similarity(m.who, m.own)})
		}
	}
	return nil
}
