package views

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Views is what a persona's further views add, at one size. Immutable once made, shared by all Posed.
type Views struct {
	size   int
	rest   *motion.Rest
	chart  *chart
	groups [groupCount]*group
	skin   *quilt
	inside *inside // nil: no further view shows the inside of the mouth
}

// New lets draw draw what the further views of p show, at size x size pixels, and keeps what it lacks. It is nil for a persona of
// one view. It takes about as long as drawing twice as many pictures. Views that cannot be drawn are as none.
func New(p *persona.Persona, size int, draw Draw) (v *Views, err error) {
	if len(p.Others) == 0 {
		return nil, nil //nolint:nilnil // nothing to add
	}
	defer func() {
		if fault := recover(); fault != nil {
			v, err = nil, fmt.Errorf("views: the persona's views cannot be used: %v\n%s", fault, debug.Stack())
		}
	}()
	r, err := newRehearsal(&p.Face, size, draw)
	if err != nil {
		return nil, err
	}
	b := &builder{rehearsal: r, views: &Views{size: size, rest: &p.Face}}
	b.views.chart = newChart(&p.Face, p.Triangles, p.Face.Head.Scale*float32(size))
	b.masks = b.views.chart.masks()
	for i := range len(p.Others) + 1 {
		view := &p.View
		if i > 0 {
			view = &p.Others[i-1]
		}
		if err := b.add(view, i == 0); errors.Is(err, errPose) {
			continue
		} else if err != nil {
			return nil, err
		}
	}
	if len(b.plain) < 2 {
		return nil, nil //nolint:nilnil // nothing to add
	}
	b.finish()
	return b.views, nil
}

// builder gathers the takes.
type builder struct {
	*rehearsal
	views *Views
	masks [skinGroups][]float32
	plain []*residue
	mouth []*patch // nil where a take says nothing of it
}

// residue is a take's difference on the chart, and how much it is known.
type residue struct {
	diff  [3]*planar.Plane
	known *planar.Plane
}

// add rehearses a view. The first one's residue is none: what it shows is drawn as it is.
func (b *builder) add(view *persona.View, first bool) error {
	t, err := b.take(view)
	if err != nil {
		return err
	}
	var places [landmark.Count]motion.Vec3
	for i, p := range t.state.Points {
		q := t.state.Head.Apply(p)
		places[i] = motion.Vec3{X: q.X * float32(b.size), Y: q.Y * float32(b.size)}
	}
	c := b.views.chart
	var skin []motion.Vec3
	for o := 0; o < len(c.texels); o += 7 {
		if b.masks[groupRest][o] < 0.7 {
			continue
		}
		if x, y, ok := c.at(&c.texels[o], &places); ok {
			skin = append(skin, motion.Vec3{X: x, Y: y})
		}
	}
	if !usualGain(t.against(b.drawn, skin)) {
		return errPose
	}
	r := &residue{known: planar.New(c.w, c.h)}
	for k := range r.diff {
		r.diff[k] = planar.New(c.w, c.h)
	}
	for o := range c.texels {
		x, y, ok := c.at(&c.texels[o], &places)
		if !ok || !(x >= 0 && y >= 0 && x < float32(b.size) && y < float32(b.size)) {
			continue
		}
		r.known.Pix[o] = t.seen.Sample(x, y)
		for k := range r.diff {
			if !first {
				r.diff[k].Pix[o] = t.diff[k].Sample(x, y) * r.known.Pix[o]
			}
		}
	}
	number := len(b.plain)
	b.plain = append(b.plain, r)
	b.mouth = append(b.mouth, newPatch(t, b.rest, b.size, first))
	for k := range b.views.groups {
		if b.views.groups[k] == nil {
			b.views.groups[k] = newGroup(k)
		}
		if k != groupInside || b.mouth[number] != nil {
			b.views.groups[k].add(number, &t.state)
		}
	}
	return nil
}

// finish fits the weights and writes the residues down.
func (b *builder) finish() {
	v := b.views
	v.skin = newQuilt(v.chart)
	for k := range skinGroups {
		g := v.groups[k]
		g.fit(b.gram(g, func(i, j int) float64 { return product(b.plain[i].diff[0].Pix, b.plain[j].diff[0].Pix, b.masks[k]) }))
		b.sew(k, g)
	}
	v.skin.pack()
	g := v.groups[groupInside]
	if len(g.takes) == 0 {
		return
	}
	g.fit(b.gram(g, func(i, j int) float64 { return b.mouth[i].product(b.mouth[j]) }))
	v.inside = newInside(g, b.mouth)
}

func (b *builder) gram(g *group, of func(i, j int) float64) []float64 {
	n := len(g.takes)
	out := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			out[i*n+j] = of(g.takes[i], g.takes[j])
			out[j*n+i] = out[i*n+j]
		}
	}
	return out
}

func product(a, b, weight []float32) float64 {
	var sum float64
	for i, w := range weight {
		sum += float64(a[i] * b[i] * w)
	}
	return sum
}

// sew writes down what counts of a group's residues.
func (b *builder) sew(k int, g *group) {
	trust := b.trust(g)
	for i, number := range g.takes {
		var residue [3]*planar.Plane
		for p, d := range b.plain[number].diff {
			residue[p] = d.Clone()
			for o, m := range b.masks[k] {
				residue[p].Pix[o] *= m * trust.Pix[o]
			}
		}
		b.views.skin.add(&residue, k, b.views.share(k, i))
	}
}

// share is the number of the share that take i of a group of skin has.
func (v *Views) share(group, i int) int { return group*persona.MaxViews + i }

const (
	doubt    = 40  // squared luma that predictions have to add up to before they are judged by the truth alone
	believed = 0.8 // share of a residue that counts before anything is known
)

// trust is how much of what the others predict of a view was there, around each texel.
func (b *builder) trust(g *group) *planar.Plane {
	c := b.views.chart
	right, said := planar.New(c.w, c.h), planar.New(c.w, c.h)
	guess := make([]float32, c.w*c.h)
	for i, number := range g.takes {
		clear(guess)
		for j, w := range g.foresight(i) {
			if w != 0 {
				for o, d := range b.plain[g.takes[j]].diff[0].Pix {
					guess[o] += w * d
				}
			}
		}
		known := b.plain[number].known.Pix
		for o, d := range b.plain[number].diff[0].Pix {
			right.Pix[o] += guess[o] * d * known[o]
			said.Pix[o] += guess[o] * guess[o] * known[o]
		}
	}
	return share(right, said, int(0.06*c.unit))
}

// share is right over said within r pixels, 0..1.
func share(right, said *planar.Plane, r int) *planar.Plane {
	right, said = right.Blur(r), said.Blur(r)
	for o := range right.Pix {
		right.Pix[o] = num.Clamp01((right.Pix[o] + believed*doubt) / (said.Pix[o] + doubt))
	}
	return right
}

// Size is the edge of the pictures that v adds to, pixels.
func (v *Views) Size() int { return v.size }
