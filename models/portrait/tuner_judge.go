package portrait

import (
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Painter paints with an appearance on the tuner's goroutine, pictures of size pixels.
func (t *Tuner) Painter(a *Appearance, size int) (*Painter, error) {
	return t.model.NewPainter(a, size)
}

// Judge is how far an example is from its truth between the lips once p has painted it, as it is served: the mean difference of R, G, B,
// 1 is full range. p is of Painter; nil leaves the picture as it is.
func (t *Tuner) Judge(p *Painter, x *Example) (float32, error) {
	picture := x.Picture
	if p != nil {
		if t.picture == nil || t.picture.Width != x.Picture.Width {
			var err error
			if t.picture, err = frame.NewI420(x.Picture.Width, x.Picture.Height); err != nil {
				return 0, err
			}
		}
		picture = t.picture
		picture.CopyFrom(x.Picture)
		if err := p.Paint(picture, &x.State); err != nil {
			return 0, err
		}
	}
	at, ok := t.Place(&x.State)
	if !ok || len(x.Truth) != len(t.seen) {
		return 0, errPose
	}
	px := at.Scaled(float32(picture.Width))
	rest := &t.plain.persona.Face
	t.view.look(0, picture, &px, &x.State, rest, t.view.region.Anchor(rest))
	n := len(t.seen) / 3
	inner := t.view.maps(0)[PlaneInner*n : (PlaneInner+1)*n]
	t.view.region.Read(t.seen, picture, &px)
	var off, weight float32
	for i, w := range inner {
		for k := range 3 {
			d := t.seen[k*n+i] - float32(x.Truth[k*n+i])/255
			off += float32(w) * max(d, -d)
		}
		weight += 3 * float32(w)
	}
	if weight == 0 {
		return 0, nil
	}
	return off / weight, nil
}

// Inside is how many pixels of the region lie between the lips of a state.
func (t *Tuner) Inside(st *motion.State) float32 {
	rest := &t.plain.persona.Face
	anchor := t.view.region.Anchor(rest)
	at := t.view.charts.Align(&st.Head, anchor)
	maps := t.view.maps(0)
	t.view.mapper.Maps(maps, st, rest, anchor, &at)
	n := t.view.region.Edge * t.view.region.Edge
	var sum float32
	for _, w := range maps[PlaneInner*n : (PlaneInner+1)*n] {
		sum += float32(w) / 255
	}
	return sum
}
