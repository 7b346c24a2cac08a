package mouth

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// archColumns says for each column which point of a tooth row's arch is seen there.
type archColumns struct {
	x, arc, t []float32 // head x, arc length, local t of the row's edge; arc is huge where no tooth is seen
}

// arch projects a row: at drop it hangs by jaw, and lies back by behind.
func (m *Posed) arch(p *pose.Pose, c *archColumns, drop, behind float32) {
	n := len(m.top.Value)
	c.x, c.arc, c.t = c.x[:n], c.arc[:n], c.t[:n]
	for i := range n {
		c.arc[i] = 1e6
	}
	const steps = 40
	var ps, pt, px, pa float32
	prevOK := false
	arc := float32(0)
	for k := 0; k <= 2*steps; k++ {
		x := m.half * (float32(k)/steps - 1)
		dz := m.bend * x * x
		if k > 0 {
			xp := m.half * (float32(k-1)/steps - 1)
			dzp := m.bend * xp * xp
			arc += float32(math.Hypot(float64(x-xp), float64(dz-dzp)))
		}
		q := p.Head.Apply(motion.Vec3{X: m.x + x, Y: m.y + m.skull + drop, Z: m.z + behind + dz + 0.25*drop})
		s, t := m.to.Back(q.X, q.Y)
		if prevOK && s > ps {
			for i := max(int(math.Ceil(float64(ps-m.from))), 0); i < n && float32(i)+m.from <= s; i++ {
				f := (float32(i) + m.from - ps) / (s - ps)
				c.x[i] = px + (x-px)*f
				c.arc[i] = pa + (arc-pa)*f
				c.t[i] = pt + (t-pt)*f
			}
		}
		if !prevOK || s > ps {
			ps, pt, px, pa = s, t, x, arc
			prevOK = true
		}
	}
	c.finish(arc/2, m.wide)
}

// finish centres the arc and continues x and t beyond the ends, where no tooth is seen.
func (c *archColumns) finish(half, wide float32) {
	n := len(c.arc)
	first, last := -1, -1
	for i := range n {
		if c.arc[i] < 1e5 {
			if first < 0 {
				first = i
			}
			last = i
			c.arc[i] -= half
		}
	}
	for i := range n {
		switch {
		case first < 0:
			c.x[i], c.t[i] = 0, 0
		case i < first:
			c.x[i], c.t[i] = c.x[first]+float32(i-first)/wide, c.t[first]
		case i > last:
			c.x[i], c.t[i] = c.x[last]+float32(i-last)/wide, c.t[last]
		}
	}
}
