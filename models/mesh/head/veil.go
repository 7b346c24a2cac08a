package head

import (
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// veil paints the triangles that the picture does not show at all with smooth colour continued from what is seen, one value
// per vertex, and lets that run out over their neighbours at the face's sides, as far as those come into view.
type veil struct {
	hidden []bool          // for each face triangle
	colour []texmap.Colour // for each landmark
	cover  []float32       // for each landmark, how much of a neighbour's veil it takes, 0..1
	rest   []float32       // for each triangle, how much of it the picture shows: cosine of the angle to the viewer
	whole  []float32       // for each triangle at the sides, twice its area in space, square pixels; 0 for the others
}

// hiddenFacing is how flat a triangle is seen at most, to count as hidden: cosine of the angle to the viewer.
const hiddenFacing = 0.03

// newVeil finds the hidden triangles and continues colour over them.
func newVeil(m *Mesh, face planar.Picture) *veil {
	v := &veil{
		hidden: make([]bool, len(m.face)), colour: make([]texmap.Colour, landmark.SkinCount),
		cover: make([]float32, landmark.SkinCount), rest: make([]float32, len(m.face)), whole: make([]float32, len(m.face)),
	}
	facing, rim := m.vertexFacing(), m.rim(1)
	for i := range v.cover {
		if rim[i] {
			v.cover[i] = 1 - num.Smoothstep(0.08, 0.35, facing[i])
		}
	}
	for i, t := range m.face {
		v.rest[i] = m.facing(t)
		v.hidden[i] = v.rest[i] < hiddenFacing
		if v.cover[t.A]+v.cover[t.B]+v.cover[t.C] > 0 {
			v.whole[i] = num.Abs(texmap.Area(&m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C]) / max(num.Abs(v.rest[i]), 1e-3))
		}
	}
	for i, c := range v.colours(m, face) {
		v.colour[i] = texmap.NewColour(c[0], c[1], c[2])
	}
	return v
}

// A landmark seen edge-on lies where ear, hair and background begin, and a pixel of theirs would be drawn out to a patch of the cheek. So
// its colour is that of the skin next to it but for what light does there: luma above black times barely, chroma for luma by a little.
const (
	edgeDarkest, edgeBrightest = 0.82, 1.04
	edgeChroma                 = 0.03
)

// colours finds the YUV of each landmark: the picture's, at the edge as far as it is the skin's, or where only hidden triangles meet, one
// continued from its neighbours.
func (v *veil) colours(m *Mesh, face planar.Picture) [][3]float32 {
	list := make([][3]float32, landmark.SkinCount)
	for i := range list {
		for k := range 3 {
			x, y, p := m.vertices[i].S, m.vertices[i].T, face[k]
			list[i][k] = (2*p.Sample(x, y) + p.Sample(x-2, y) + p.Sample(x+2, y) + p.Sample(x, y-2) + p.Sample(x, y+2)) / 6
		}
	}
	next, seen := v.neighbours(m)
	sure := make([]bool, len(seen))
	for i := range seen {
		sure[i] = seen[i] && v.cover[i] == 0
	}
	skin := slices.Clone(list)
	continueColours(skin, next, sure)
	for i := range list {
		if seen[i] && !sure[i] {
			list[i] = asLit(list[i], skin[i])
		}
	}
	continueColours(list, next, seen)
	return list
}

// continueColours gives landmarks that are not known the colours of those that are.
func continueColours(list [][3]float32, next [][]uint16, known []bool) {
	for range 80 {
		for i := range list {
			if !known[i] && len(next[i]) > 0 {
				list[i] = meanColour(list, next[i])
			}
		}
	}
}

// asLit is the colour c (YUV) as far as light can make it of skin.
func asLit(c, skin [3]float32) [3]float32 {
	const black, grey = 16, 128
	from := max(skin[0]-black, 1)
	luma := from * min(max((c[0]-black)/from, edgeDarkest), edgeBrightest)
	out := [3]float32{black + luma}
	for k := 1; k < 3; k++ {
		by := (skin[k] - grey) / from
		out[k] = grey + luma*(by+num.Bound((c[k]-grey)/max(c[0]-black, 1)-by, edgeChroma))
	}
	return out
}

// neighbours lists the landmarks at the other ends of each landmark's sides, and tells which landmarks belong to a triangle that
// is not hidden.
func (v *veil) neighbours(m *Mesh) (next [][]uint16, seen []bool) {
	next, seen = make([][]uint16, landmark.SkinCount), make([]bool, landmark.SkinCount)
	for i, t := range m.face {
		for _, e := range [...][2]uint16{{t.A, t.B}, {t.B, t.C}, {t.C, t.A}} {
			next[e[0]] = append(next[e[0]], e[1])
			next[e[1]] = append(next[e[1]], e[0])
		}
		if !v.hidden[i] {
			seen[t.A], seen[t.B], seen[t.C] = true, true, true
		}
	}
	return next, seen
}

// meanColour is the mean of those colours of list that are named.
func meanColour(list [][3]float32, names []uint16) (mean [3]float32) {
	for _, i := range names {
		for k := range 3 {
			mean[k] += list[i][k]
		}
	}
	for k := range 3 {
		mean[k] /= float32(len(names))
	}
	return mean
}

// shown is how much more of triangle i is in view than in the picture, as the opacity of its veil, 0..1.
func (v *veil) shown(i uint16, a, b, c *texmap.Vertex) float32 {
	if v.whole[i] <= 0 {
		return 0
	}
	return num.Smoothstep(0.03, 0.25, num.Abs(texmap.Area(a, b, c))/v.whole[i]-v.rest[i])
}

// luma is that of landmark i, 0..255.
func (v *veil) luma(i uint16) float32 { return float32(v.colour[i][0]) / (1 << 16) }

// draw paints a triangle; opacity belongs to its corners, 0..1.
func (v *veil) draw(f *frame.I420, bd planar.Band, t texmap.Triangle, head []texmap.Vertex, opacity [3]float32) {
	at := [3]texmap.Vertex{head[t.A], head[t.B], head[t.C]}
	texmap.FillTriangle(f, bd, &at, [3]*texmap.Colour{&v.colour[t.A], &v.colour[t.B], &v.colour[t.C]}, opacity)
}
