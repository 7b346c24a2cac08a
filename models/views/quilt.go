package views

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// A tile of the chart: its luma, then both of its chromas at half the scale.
const (
	tileWide, tileHigh = 32, 8
	tileLuma           = tileWide * tileHigh
	tileSize           = tileLuma + tileLuma/2
)

// quilt is what all takes say of the skin, tile by tile: of each tile only the takes that say something there.
type quilt struct {
	across  int // tiles in a row
	tiles   []tile
	samples []int8
	under   []patchwork // of the chart's triangles
}

// tile is one place of the chart.
type tile struct {
	groups uint // a bit for each that says something
	scraps []scrap
}

// scrap is a take's residue in a tile.
type scrap struct {
	at    int32 // in samples, tileSize of them
	share int32 // the number of its share
	most  int32 // of its samples without their signs
}

// patchwork is the rectangle of tiles that a triangle lies on, the last ones included.
type patchwork struct{ x0, y0, x1, y1 int16 }

func newQuilt(c *chart) *quilt {
	q := &quilt{across: c.w / tileWide, tiles: make([]tile, c.w/tileWide*(c.h/tileHigh))}
	for _, t := range c.triangles {
		a, b, d := &c.uv[t[0]], &c.uv[t[1]], &c.uv[t[2]]
		q.under = append(q.under, patchwork{
			int16(min(a.X, b.X, d.X)-1) / tileWide, int16(min(a.Y, b.Y, d.Y)-1) / tileHigh,
			min(int16(max(a.X, b.X, d.X)+1)/tileWide, int16(q.across-1)), min(int16(max(a.Y, b.Y, d.Y)+1)/tileHigh, int16(c.h/tileHigh-1)), //nolint:gosec // a chart has at most a few hundred texels a side
		})
	}
	return q
}

// add sews on the residue of a take, for the group's number and that of the share that it has.
func (q *quilt) add(residue *[3]*planar.Plane, group int, share int) {
	half := [3]*planar.Plane{residue[0], residue[1].Half(), residue[2].Half()}
	var s [tileSize]int8
	for k := range q.tiles {
		x, y := k%q.across*tileWide, k/q.across*tileHigh
		cut := s[:0]
		for i, p := range half {
			n := 1 + min(i, 1)
			for v := y / n; v < (y+tileHigh)/n; v++ {
				for _, d := range p.Pix[v*p.W+x/n:][:tileWide/n] {
					cut = append(cut, sampled(d))
				}
			}
		}
		most := int32(0)
		for _, v := range cut {
			most = max(most, int32(v), -int32(v))
		}
		if most > 0 {
			t := &q.tiles[k]
			t.groups |= 1 << group
			t.scraps = append(t.scraps, scrap{int32(len(q.samples)), int32(share), most}) //nolint:gosec // a few million at most
			q.samples = append(q.samples, cut...)
		}
	}
}

// pack lays the samples of each tile side by side, as they are mixed. It is called once all is sewn on.
func (q *quilt) pack() {
	packed := make([]int8, 0, len(q.samples))
	for k := range q.tiles {
		for i := range q.tiles[k].scraps {
			s := &q.tiles[k].scraps[i]
			packed, s.at = append(packed, q.samples[s.at:][:tileSize]...), int32(len(packed)) //nolint:gosec // as many as there were
		}
	}
	q.samples = packed
}

// sewn is a quilt's mix for one session.
type sewn struct {
	*quilt
	planes [3][]byte // of the chart, chroma at half its scale
	says   []bool    // which tiles add something
	parts  []part
	mixed  [tileSize]byte
}

func (q *quilt) sewn(y, u, v []byte, shares int) sewn {
	return sewn{quilt: q, planes: [3][]byte{y, u, v}, says: make([]bool, len(q.tiles)), parts: make([]part, 0, shares)}
}

// mix mixes the tiles of changed groups, a bit each, by shares; false if no tile adds anything.
func (s *sewn) mix(shares []int32, changed uint) (some bool) {
	for k := range s.tiles {
		t := &s.tiles[k]
		if t.groups&changed != 0 {
			s.says[k] = s.mixTile(k, shares)
		}
		some = some || s.says[k]
	}
	return some
}

// mixTile is false where the mix would be nothing everywhere.
func (s *sewn) mixTile(k int, shares []int32) bool {
	parts, bound := s.parts[:0], int32(0)
	for _, one := range s.tiles[k].scraps {
		share := shares[one.share]
		if most := max(share, -share) * one.most; most >= oneUnit/4 { // what is less is lost as shares are rounded, anyway
			parts = append(parts, part{one.at, share})
			bound += most
		}
	}
	says := bound >= oneUnit/2
	switch {
	case says:
		mix(s.mixed[:], s.samples, parts)
	case s.says[k]:
		for o := range s.mixed {
			s.mixed[o] = nothing
		}
	default:
		return false
	}
	s.lay(k)
	return says
}

// lay writes what was mixed of a tile where it belongs.
func (s *sewn) lay(k int) {
	from, w := s.mixed[:], s.across*tileWide
	x, y := k%s.across*tileWide, k/s.across*tileHigh
	for i, plane := range s.planes {
		n := 1 + min(i, 1)
		for v := y / n; v < (y+tileHigh)/n; v++ {
			copy(plane[v*w/n+x/n:], from[:tileWide/n])
			from = from[tileWide/n:]
		}
	}
}

// bare tells whether nothing is to be added where a triangle lies.
func (s *sewn) bare(triangle int) bool {
	u := &s.under[triangle]
	for y := u.y0; y <= u.y1; y++ {
		for x := u.x0; x <= u.x1; x++ {
			if s.says[int(y)*s.across+int(x)] {
				return false
			}
		}
	}
	return true
}
