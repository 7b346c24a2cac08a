package light

import (
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	whole     = 4096 // a ratio's unit in the grid
	mostNodes = 72   // along an edge of the grid
	mostShift = 7    // of the distance between nodes, so that sums stay within 32 bits
	nodeWidth = 0.15 // between nodes at most, head units, but for faces that are small in their picture
	// least is the change from which a row is touched: half a level of white.
	least = whole / 2 / 219
)

// node is a sum of changes of luma, and of their weights.
type node struct{ change, weight float32 }

// Posed is the shade of one pose; one goroutine owns it.
type Posed struct {
	*Light
	now      skin
	change   [landmark.SkinCount]float32 // of luma, a fraction
	taken    [landmark.SkinCount]float32 // share of the change that is taken, 0..1
	depth    [landmark.SkinCount]float32 // of the normals, below 0 towards the viewer
	sums     []node                      // the grid, nodes x nodes, from one node left of and above the picture
	soft     []node                      // scratch: a row of sums smoothed downwards
	grid     []int16                     // changes, of whole
	used     []bool                      // rows of grid that change anything
	from, to []int32                     // columns of the face in view, row by row
	front    []bool                      // which faces are in view
	y0, y1   int                         // rows of the picture
	i0, i1   int                         // columns of grid that are used
	j0, j1   int                         // rows
}

// NewPosed returns a shade that changes nothing before Set; nil of nil, which changes nothing at all.
func (l *Light) NewPosed() *Posed {
	if l == nil {
		return nil
	}
	n := l.nodes
	return &Posed{
		Light: l, sums: make([]node, n*n), soft: make([]node, n), grid: make([]int16, n*n), used: make([]bool, n),
		from: make([]int32, l.size), to: make([]int32, l.size), front: make([]bool, len(l.faces)),
	}
}

// Set moves the shade to p. It allocates nothing.
func (s *Posed) Set(p *pose.Pose) {
	if s == nil {
		return
	}
	s.y0, s.y1 = 0, 0
	if !s.changes(p) {
		return
	}
	s.outline(p)
	s.spread(p)
}

// changes finds by what fraction the luma of each landmark changes; false if by nothing.
func (s *Posed) changes(p *pose.Pose) bool {
	s.normals(&p.Points, &s.now)
	at := s.under(&p.Head.R)
	r := &p.Head.R
	var sum, weight float32
	for i := range s.change {
		n := between(s.normal[i], unit(s.now[i]))
		s.depth[i] = r[6]*n.X + r[7]*n.Y + r[8]*n.Z
		s.taken[i] = s.keep[i] * facing(s.depth[i])
		s.change[i] = 0
		if w := s.taken[i]; w > 0 {
			d := (at.shade(n) - s.rest[i]) * s.inverse[i]
			s.change[i] = d
			sum += w * d
			weight += w
		}
	}
	mean, some := exposure*sum/max(weight, 1e-6), false
	for i, w := range s.taken {
		if w == 0 {
			continue
		}
		d := (s.change[i] - mean) * w
		d /= num.Sqrt(1 + d*d/(most*most))
		s.change[i] = d
		some = some || num.Abs(d)*whole >= least
	}
	return some
}

// outline finds from where to where each row shows the face.
func (s *Posed) outline(p *pose.Pose) {
	for i, t := range s.faces {
		a, b, c := &p.Screen[t[0]], &p.Screen[t[1]], &p.Screen[t[2]]
		s.front[i] = ((b.X-a.X)*(c.Y-a.Y)-(c.X-a.X)*(b.Y-a.Y))*s.sign > 0
	}
	for y := range s.from {
		s.from[y], s.to[y] = int32(s.size), 0
	}
	s.y0, s.y1 = s.size, 0
	for _, e := range s.edges {
		if s.front[e.left] != (e.right >= 0 && s.front[e.right]) {
			s.side(&p.Screen[e.a], &p.Screen[e.b])
		}
	}
}

// side widens the rows that the line from a to b crosses to where it does.
func (s *Posed) side(a, b *motion.Vec3) {
	if b.Y < a.Y {
		a, b = b, a
	}
	y0, y1 := max(rounded(a.Y), 0), min(rounded(b.Y), s.size)
	if y0 >= y1 {
		return
	}
	s.y0, s.y1 = min(s.y0, y0), max(s.y1, y1)
	slope := (b.X - a.X) / (b.Y - a.Y)
	for y := y0; y < y1; y++ {
		x := int32(min(max(rounded(a.X+(float32(y)+0.5-a.Y)*slope), 0), s.size))
		s.from[y], s.to[y] = min(s.from[y], x), max(s.to[y], x)
	}
}

// rounded is floor(v + 0.5) for coordinates that pose keeps within reach.
func rounded(v float32) int { return int(v+16384.5) - 16384 }

// spread lays the changes on the grid: each node takes the mean of the landmarks next to it (normalised convolution, Knutsson and
// Westin 1993), and of those farther off where there are none.
func (s *Posed) spread(p *pose.Pose) {
	n, inv := s.nodes, 1/float32(int(1)<<s.shift)
	clear(s.sums[s.j0*n : s.j1*n])
	clear(s.used)
	s.i0, s.i1, s.j0, s.j1 = n, 0, n, 0
	for i, z := range s.depth {
		w := num.Clamp01((0.05 - z) * 5)
		x, y := p.Screen[i].X*inv+1, p.Screen[i].Y*inv+1
		if !(w > 0 && x >= 0 && y >= 0 && x < float32(n-1) && y < float32(n-1)) {
			continue
		}
		j, k := int(y), int(x)
		fx, fy := x-float32(k), y-float32(j)
		s.i0, s.i1, s.j0, s.j1 = min(s.i0, k), max(s.i1, k+2), min(s.j0, j), max(s.j1, j+2)
		s.add(j*n+k, w*(1-fy), fx, s.change[i])
		s.add(j*n+n+k, w*fy, fx, s.change[i])
	}
	if s.i0 >= s.i1 { // the face is out of the picture
		s.i0, s.i1, s.j0, s.j1 = 0, 0, 0, 0
		return
	}
	s.i0, s.i1, s.j0, s.j1 = max(s.i0-1, 0), min(s.i1+1, n), max(s.j0-1, 0), min(s.j1+1, n)
	for j := s.j0; j < s.j1; j++ {
		s.smooth(j)
	}
}

// add lays a change on the nodes o and o+1, between which it lies at fx.
func (s *Posed) add(o int, weight, fx, change float32) {
	pair := s.sums[o : o+2 : o+2]
	v := weight * fx
	u := weight - v
	pair[0].weight += u
	pair[0].change += u * change
	pair[1].weight += v
	pair[1].change += v * change
}

// smooth makes row j of the grid out of the sums.
func (s *Posed) smooth(j int) {
	const around, none = 0.5, 0.01 // weights of what lies farther off, and of no change
	n := s.nodes
	above, row, below := s.sums[max(j-1, 0)*n:][:n], s.sums[j*n:][:n], s.sums[min(j+1, n-1)*n:][:n]
	for i := s.i0; i < s.i1; i++ {
		s.soft[i] = node{above[i].change + 2*row[i].change + below[i].change, above[i].weight + 2*row[i].weight + below[i].weight}
	}
	for i := s.i0; i < s.i1; i++ {
		l, m, r := &s.soft[max(i-1, s.i0)], &s.soft[i], &s.soft[min(i+1, s.i1-1)]
		d := row[i].change + around/16*(l.change+2*m.change+r.change)
		w := row[i].weight + around/16*(l.weight+2*m.weight+r.weight)
		v := int16(whole * d / (w + none))
		s.grid[j*n+i] = v
		s.used[j] = s.used[j] || v >= least || -v >= least
	}
}
