package mesh

import (
	"errors"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// model is everything derived from a persona at one size. Immutable once built.
type model struct {
	g        *pose.Geometry
	head     *headMesh
	body     *bodyMesh
	headT    *texmap.Texture
	hairT    *texmap.Texture // of the rings
	veil     *veil
	far      *farSide // nil for a face seen from the front
	opposite [][3]uint16
	bodyT    *texmap.Texture
	plate    planar.Picture // background at output size, full-resolution chroma
	eyes     [2]eye
	mouth    *mouth
	creases  [2]crease
}

// margin is the width of the border around the crop in textures, pixels.
func margin(size int) int { return size / 8 / 2 * 2 }

// newModel derives layers from a persona.
func newModel(p *persona.Persona, size int) (*model, error) {
	if err := check(p); err != nil {
		return nil, err
	}
	pad := margin(size)
	g, err := pose.New(&p.Face, size, pad)
	if err != nil {
		return nil, err
	}
	edge := size + 2*pad
	src := matte.Cut(p.Crop, p.Matte, p.Inside, size, pad)
	alpha := matte.Refine(src.Pic, src.Matte, max(size/40, 2), 20)
	matte.Extend(alpha, src.Known)
	back, fore := matte.Separate(src.Pic, alpha, src.Known, max(size/64, 3))
	g.FindJaw(src.Pic, alpha)
	split := headMask(g, edge)
	m := &model{g: g, head: newHeadMesh(g, p.Triangles)}
	// The visible part of a face is the head's, also where its own outline lies behind it.
	for o, v := range m.head.outsideFace(g, edge).Erode(int(0.05 * g.Unit)).Pix {
		if v == 0 {
			split.Pix[o] = 1
		}
	}
	joinSlivers(g, alpha, split)
	face := fore.Clone()
	m.head.smoothGrazing(g, face)
	for i, c := range lidContours() {
		m.eyes[i] = newEye(g, &c, src.Pic, face)
	}
	m.mouth = newMouth(g, src.Pic)
	m.creases = newCreases(g, face)
	headA, bodyA := planar.New(edge, edge), planar.New(edge, edge)
	for o, a := range alpha.Pix {
		headA.Pix[o] = a * split.Pix[o]
	}
	bodyP := bodyUnder(g, fore, alpha, split, bodyA)
	m.headT, m.bodyT = texmap.New(face, headA), texmap.New(bodyP, bodyA)
	m.veil = newVeil(g, m.head, face)
	m.far = newFarSide(g, m.head, face, headA)
	m.opposite = m.head.opposites(g)
	m.hairT = m.head.hairTexture(g, m.far, fore, headA)
	m.head.bind(m.headT, m.hairT)
	m.body = newBodyMesh(g, m.bodyT)
	for k := range 3 {
		m.plate[k] = back[k].Cut(planar.Rect{X0: pad, Y0: pad, X1: pad + size, Y1: pad + size})
	}
	return m, nil
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
	if len(p.Triangles) == 0 {
		return errors.New("mesh: the persona has no triangles")
	}
	for _, t := range p.Triangles {
		for _, i := range t {
			if i >= 468 {
				return errors.New("mesh: a triangle of the persona names a landmark beyond 467")
			}
		}
	}
	return nil
}

// headMask is 1 where the head layer shows the person and 0 where the body layer does: below the ear lobes the head
// ends shortly outside the face outline. Both layers move alike along the soft border beside the face.
func headMask(g *pose.Geometry, edge int) *planar.Plane {
	m := planar.New(edge, edge)
	for y := range edge {
		for x := range edge {
			px, py := float32(x)+0.5, float32(y)+0.5
			low := num.Smoothstep(0.40*g.Chin, 0.60*g.Chin, g.Level(px, py))
			if low == 0 {
				m.Pix[y*edge+x] = 1
				continue
			}
			d, at := g.Beyond(px, py)
			cut := max(at.Cut, num.Smoothstep(0.3, 0.55, d))
			m.Pix[y*edge+x] = 1 - low*cut*num.Smoothstep(at.Margin, at.Margin+0.08, d)
		}
	}
	return m
}

// joinSlivers gives the head what is left of the person beside the cheek and too narrow to be neck or shoulder: as a part of
// the body it would stay behind, detached, when the head turns.
func joinSlivers(g *pose.Geometry, alpha, split *planar.Plane) {
	r := max(int(0.07*g.Unit), 2)
	body := planar.New(alpha.W, alpha.H)
	for o, a := range alpha.Pix {
		if a > 0.5 && split.Pix[o] < 1 {
			body.Pix[o] = 1
		}
	}
	wide := body.Erode(r).Dilate(r + 2)
	for o := range split.Pix {
		if wide.Pix[o] == 0 && split.Pix[o] < 1 {
			if d, _ := g.Beyond(float32(o%alpha.W)+0.5, float32(o/alpha.W)+0.5); d < 0.35 {
				split.Pix[o] = 1
			}
		}
	}
}

// bodyUnder makes the body layer: the picture below the head, and behind the head a throat grown upwards from what is
// seen of it. alpha receives the layer's opacity.
func bodyUnder(g *pose.Geometry, fore planar.Picture, whole, split, alpha *planar.Plane) planar.Picture {
	out := fore.Clone()
	edge := whole.W
	colour, cover := planar.New(edge, edge), planar.New(edge, edge)
	grown := whole.Erode(max(int(0.05*g.Unit), 1)) // slivers along an edge do not grow
	for o := range colour.Pix {
		if split.Pix[o] < 0.5 && whole.Pix[o] > 0.9 {
			colour.Pix[o] = 1
		}
		if split.Pix[o] < 1 || whole.Pix[o] < 0.02 {
			cover.Pix[o] = 1
		}
	}
	planar.PushPull(out[:], colour)
	planar.PushPull([]*planar.Plane{grown}, cover)
	left, right := throat(g, whole)
	for y := range edge {
		for x := range edge {
			o := y*edge + x
			if split.Pix[o] < 0.5 {
				for k := range 3 {
					out[k].Pix[o] = fore[k].Pix[o]
				}
			}
			if split.Pix[o] < 1 {
				alpha.Pix[o] = whole.Pix[o]
				continue
			}
			px, py := float32(x)+0.5, float32(y)+0.5
			lv, side := g.Level(px, py), g.Aside(px, py)-g.Neck
			column := num.Smoothstep(-left, -left+0.1, side) * (1 - num.Smoothstep(right-0.1, right, side)) * num.Smoothstep(0.2*g.Chin, 0.3*g.Chin, lv)
			rise := num.Smoothstep(0.25*g.Chin, 0.55*g.Chin, lv)
			alpha.Pix[o] = min(whole.Pix[o], max(column, num.Smoothstep(0.35, 0.65, grown.Pix[o])*rise))
		}
	}
	return out
}

// throat measures the neck just below the jaw: how far it reaches to either side of its axis, head units.
func throat(g *pose.Geometry, whole *planar.Plane) (left, right float32) {
	yaw, _, _ := motion.Angles(g.Head.R)
	reach := func(dir float32) float32 {
		best := float32(pose.NeckHalf)
		if turned := dir * float32(yaw); turned > 0 {
			best *= 1 - 0.6*min(turned/0.6, 1) // behind a face turned this way
		}
		for _, lv := range [...]float32{1.05, 1.12, 1.2} {
			far := float32(0.3)
			for far < pose.NeckHalf {
				x, y := g.Spot(g.Neck+dir*far, lv*g.Chin)
				if whole.Sample(x, y) < 0.5 {
					break
				}
				far += 0.02
			}
			best = min(best, far)
		}
		return best
	}
	return reach(-1), reach(1)
}
