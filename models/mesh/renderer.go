package mesh

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gioconda-live/gioconda/models/mesh/body"
	"github.com/gioconda-live/gioconda/models/mesh/crease"
	"github.com/gioconda-live/gioconda/models/mesh/eye"
	"github.com/gioconda-live/gioconda/models/mesh/head"
	"github.com/gioconda-live/gioconda/models/mesh/light"
	"github.com/gioconda-live/gioconda/models/mesh/mouth"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Renderer draws one portrait. It is owned by one goroutine; Fork makes another for the next session, which shares
// everything that does not change.
type Renderer struct {
	model      *model
	opt        Options
	background *frame.I420 // the chosen one, at output size
	badge      *Badge
	plate      plate
	thrift     bool // see SetThrift
	stood      bool // the body was let stand in the last picture
	pose       *pose.Pose
	body       *body.Posed
	head       *head.Posed
	creases    [2]*crease.Posed
	eyes       [2]*eye.Posed
	mouth      *mouth.Posed
	light      *light.Posed
	bands      []planar.Band
	scratch    []shade.Patch      // one for each band
	second     shade.Patch        // of DrawRows
	wake       []chan *frame.I420 // one for each worker beyond the first
	done       sync.WaitGroup
}

// New prepares a persona for drawing. It derives background, layers, eyes and mouth from the persona, which stays
// untouched. Call Close when Options.Workers is above 1.
func New(p *persona.Persona, opt Options) (*Renderer, error) {
	opt, err := opt.normal()
	if err != nil {
		return nil, err
	}
	m, err := newModel(p, opt.Size)
	if err != nil {
		return nil, err
	}
	return newRenderer(m, opt)
}

// Fork returns an independent renderer of the same persona, size and options that shares the immutable parts.
func (r *Renderer) Fork() (*Renderer, error) { return newRenderer(r.model, r.opt) }

func newRenderer(m *model, opt Options) (*Renderer, error) {
	r := &Renderer{model: m, opt: opt, pose: m.g.NewPose(), body: m.body.NewPosed(), head: m.head.NewPosed()}
	for i := range r.eyes {
		r.eyes[i], r.creases[i] = m.eyes[i].NewPosed(), m.creases[i].NewPosed()
	}
	r.mouth, r.light = m.mouth.NewPosed(), m.light.NewPosed()
	r.badge = NewBadge(opt.Badge, opt.Size, opt.Size)
	if err := r.SetBackground(opt.Background); err != nil {
		return nil, err
	}
	var err error
	if r.plate, err = newPlate(opt.Size); err != nil {
		return nil, err
	}
	r.second = shade.NewPatch(opt.Size)
	rows := (opt.Size/opt.Workers + 1) / 2 * 2
	for i := range opt.Workers {
		r.bands = append(r.bands, planar.Band{Y0: i * rows, Y1: min((i+1)*rows, opt.Size)})
		r.scratch = append(r.scratch, shade.NewPatch(opt.Size))
	}
	r.bands[opt.Workers-1].Y1 = opt.Size
	for i := 1; i < opt.Workers; i++ {
		ch := make(chan *frame.I420)
		r.wake = append(r.wake, ch)
		go func() {
			for f := range ch {
				r.drawBand(f, i)
				r.done.Done()
			}
		}()
	}
	return r, nil
}

// Close ends the extra workers. The renderer must not be used afterwards.
func (r *Renderer) Close() {
	for _, ch := range r.wake {
		close(ch)
	}
	r.wake = nil
}

// Size is the output's edge in pixels.
func (r *Renderer) Size() int { return r.opt.Size }

// SetBackground changes what is behind the person, from the next frame on.
func (r *Renderer) SetBackground(b Background) error {
	o := r.opt
	o.Background = b
	if _, err := o.normal(); err != nil {
		return err
	}
	background, err := newBackground(r.model.background, b, r.opt.Size)
	if err != nil {
		return err
	}
	r.opt.Background, r.background, r.plate.fits = b, background, false
	return nil
}

// SetBadge moves or removes the badge, from the next frame on.
func (r *Renderer) SetBadge(place BadgePlace) error {
	o := r.opt
	o.Badge = place
	if _, err := o.normal(); err != nil {
		return err
	}
	r.opt.Badge, r.badge = place, NewBadge(place, r.opt.Size, r.opt.Size)
	return nil
}

// Background is what is drawn behind the person. The picture is never changed: SetBackground puts another in its place.
func (r *Renderer) Background() *frame.I420 { return r.background }

// Render draws st into dst, a Size x Size picture of which every byte is written, also of its matte if it has one. st is only read. Values of st
// that are not finite or out of reach are replaced by rest or limits. It allocates nothing. Not for concurrent use.
func (r *Renderer) Render(dst *frame.I420, st *motion.State) error {
	if err := r.Begin(dst, st); err != nil {
		return err
	}
	r.done.Add(len(r.wake))
	for _, ch := range r.wake {
		ch <- dst
	}
	r.drawBand(dst, 0)
	r.done.Wait()
	r.End(dst, st)
	return nil
}

// SetThrift lets a body that would move by less than a pixel stand still in every second picture, from the next one on.
func (r *Renderer) SetThrift(on bool) { r.thrift = on }

// Begin is the first part of Render, for those who draw some rows sooner than others, or on several threads: then come DrawRows, of
// all rows together, and End.
func (r *Renderer) Begin(dst *frame.I420, st *motion.State) error {
	if dst == nil || st == nil {
		return errors.New("mesh: render needs a picture and a state")
	}
	n := r.opt.Size
	if dst.Width != n || dst.Height != n || len(dst.Y) < n*n || len(dst.U) < n*n/4 || len(dst.V) < n*n/4 {
		return fmt.Errorf("mesh: picture is %dx%d, renderer draws %dx%d", dst.Width, dst.Height, n, n)
	}
	r.prepare(st)
	return nil
}

// DrawRows draws the rows from y0 to y1, even numbers, of the picture and state of Begin. Two may run at the same time on rows that
// do not overlap: one of them says that it is the second.
func (r *Renderer) DrawRows(dst *frame.I420, y0, y1 int, second bool) {
	scratch := &r.scratch[0]
	if second {
		scratch = &r.second
	}
	if y0, y1 = max(y0, 0), min(y1, r.opt.Size); y0 < y1 {
		r.drawRows(dst, planar.Band{Y0: y0, Y1: y1}, scratch)
	}
}

// End lays badge and marker over what DrawRows has drawn.
func (r *Renderer) End(dst *frame.I420, st *motion.State) {
	r.endPlate(dst)
	r.badge.Draw(dst)
	if st.HasMarker {
		DrawMarker(dst, st.Marker)
	}
}

// Workers is how many threads Render draws on.
func (r *Renderer) Workers() int { return r.opt.Workers }

// prepare moves all vertices.
func (r *Renderer) prepare(st *motion.State) {
	r.pose.Set(st)
	r.stood = r.body.Set(r.pose, r.thrift && !r.stood)
	r.plate.begin()
	r.head.Set(r.pose)
	for i := range r.eyes {
		r.eyes[i].Set(r.pose)
		r.creases[i].Set(r.pose)
	}
	r.mouth.Set(r.pose)
	r.light.Set(r.pose)
}

func (r *Renderer) drawBand(f *frame.I420, i int) { r.drawRows(f, r.bands[i], &r.scratch[i]) }

// drawRows paints all layers of one band, back to front.
func (r *Renderer) drawRows(f *frame.I420, bd planar.Band, scratch *shade.Patch) {
	r.drawBehind(f, bd)
	r.head.Draw(f, bd)
	for k := range r.creases {
		r.creases[k].Draw(f, bd, scratch)
	}
	for k := range r.eyes {
		r.eyes[k].Draw(f, bd, scratch)
	}
	r.mouth.Draw(f, bd, scratch)
	r.light.Draw(f, bd)
}
