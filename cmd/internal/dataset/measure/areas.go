package measure

import (
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Areas of a face that are measured apart.
const (
	areaMouth  = iota // the mask in which the learned layer may repaint the mouth
	areaInner         // the gap between the lips alone
	areaEyes          // the masks of both eyes
	AreaFace          // the whole face and a rim
	areaBox           // a square of 1.5 mouth widths
	areaAround        // that without the lips and what they open
	areaRest          // the face outside of the box
	areaCount
)

func areaNames() [areaCount]string {
	return [areaCount]string{"mouth", "between the lips", "eyes", "face", "mouth box", "around the lips", "face beside the box"}
}

// areas says how much each pixel of a picture counts for each area, 0..1.
type areas struct {
	weight [areaCount][]float32
	sum    [areaCount]float64
}

func newAreas(edge int) areas {
	var a areas
	for k := range a.weight {
		a.weight[k] = make([]float32, edge*edge)
	}
	return a
}

// there tells whether an area has enough pixels to be measured: a mouth that is shut has no inside.
func (a *areas) there(k int) bool { return a.sum[k] >= 16 }

// areaFinder finds the areas: with the maps that the networks see, brought into the picture's pixels.
type areaFinder struct {
	edge    int
	regions []portrait.Region
	mappers []*portrait.Mapper
	maps    []byte
}

func newAreaFinder(edge int) *areaFinder {
	head := portrait.Head()
	head.Edge /= 2 // as fine as gioconda-l sees it
	s := &areaFinder{edge: edge, regions: append(portrait.Regions(), head)}
	for _, r := range s.regions {
		s.mappers = append(s.mappers, portrait.NewMapper(r))
	}
	s.maps = make([]byte, portrait.MapPlanes*head.Edge*head.Edge)
	return s
}

// find fills in the areas of a portrait in a state.
func (s *areaFinder) find(to *areas, st *motion.State, rest *motion.Rest) {
	for k := range to.weight {
		clear(to.weight[k])
	}
	for i := range s.regions {
		r := &s.regions[i]
		anchor := r.Anchor(rest)
		at := r.Align(&st.Head, anchor)
		n := r.Edge * r.Edge
		s.mappers[i].Maps(s.maps[:portrait.MapPlanes*n], st, rest, anchor, &at)
		plane := func(k int) []byte { return s.maps[k*n : (k+1)*n] }
		px := at.Scaled(float32(s.edge))
		switch r.Name {
		case portrait.NameMouth:
			s.lay(to.weight[areaMouth], plane(portrait.PlaneMask), r.Edge, &px)
			s.lay(to.weight[areaInner], plane(portrait.PlaneInner), r.Edge, &px)
			s.lay(to.weight[areaAround], plane(portrait.PlaneOuter), r.Edge, &px)
			s.box(to, st)
		case portrait.NameHead:
			s.lay(to.weight[AreaFace], plane(portrait.PlaneMask), r.Edge, &px)
		default:
			s.lay(to.weight[areaEyes], plane(portrait.PlaneMask), r.Edge, &px)
		}
	}
	for i, w := range to.weight[AreaFace] {
		to.weight[areaRest][i] = w * (1 - to.weight[areaBox][i])
	}
	for k := range to.weight {
		to.sum[k] = 0
		for _, w := range to.weight[k] {
			to.sum[k] += float64(w)
		}
	}
}

// box is a square of 1.5 times the mouth's width around the lips, upright with them; what lies in areaAround becomes what lies
// around it.
func (s *areaFinder) box(to *areas, st *motion.State) {
	e := float32(s.edge)
	at := func(i int) motion.Vec3 { return st.Head.Apply(st.Points[i]) }
	corners := motion.MouthCorners()
	l, r := at(int(corners[0][0])), at(int(corners[1][0]))
	up, low := at(0), at(17) // outer edges of the lips
	cx, cy := (l.X+r.X+up.X+low.X)/4*e, (l.Y+r.Y+up.Y+low.Y)/4*e
	ux, uy := (r.X-l.X)*e, (r.Y-l.Y)*e
	n := max(ux*ux+uy*uy, 1e-6)
	for i := range to.weight[areaBox] {
		x, y := float32(i%s.edge)+0.5-cx, float32(i/s.edge)+0.5-cy
		a, b := (x*ux+y*uy)/n, (y*ux-x*uy)/n
		lips := &to.weight[areaAround][i]
		if max(a, -a, b, -b) < 0.75 {
			to.weight[areaBox][i], *lips = 1, 1-*lips
		} else {
			*lips = 0
		}
	}
}

// lay unites dst with a plane of a region, edge pixels wide, that lies at a.
func (s *areaFinder) lay(dst []float32, plane []byte, edge int, a *portrait.Alignment) {
	e := float32(edge)
	x0, y0 := float32(s.edge), float32(s.edge)
	var x1, y1 float32
	for k := range 4 {
		x, y := a.At(float32(k&1)*e, float32(k>>1)*e)
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	for y := max(int(y0), 0); y < min(int(y1)+1, s.edge); y++ {
		for x := max(int(x0), 0); x < min(int(x1)+1, s.edge); x++ {
			i, j := a.Into(float32(x)+0.5, float32(y)+0.5)
			if !(i >= 0 && j >= 0 && i < e && j < e) {
				continue
			}
			w := &dst[y*s.edge+x]
			*w = max(*w, between(plane, edge, i-0.5, j-0.5)/255)
		}
	}
}

// between reads a plane of edge x edge bytes between its pixels, whose nearest repeat beyond it.
func between(plane []byte, edge int, x, y float32) float32 {
	x, y = min(max(x, 0), float32(edge-1)), min(max(y, 0), float32(edge-1))
	i, j := min(int(x), edge-2), min(int(y), edge-2)
	fx, fy := x-float32(i), y-float32(j)
	at := func(k int) float32 { return float32(plane[k]) }
	k := j*edge + i
	top := at(k) + (at(k+1)-at(k))*fx
	low := at(k+edge) + (at(k+edge+1)-at(k+edge))*fx
	return top + (low-top)*fy
}
