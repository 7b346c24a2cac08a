package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// ray is one point of the face outline seen from middle.
type ray struct {
	angle, radius, z float32
	even             float32 // z averaged over neighbouring rays: the outline's own would fold what lies beyond
	margin           float32 // how far outside the outline the jaw's edge in the picture lies, head units
	cut              float32 // 1 where the body continues beyond the jaw, 0 where the background begins
}

// outlineRays measures the face outline from its middle and makes the angles increase strictly.
func (g *geometry) outlineRays() {
	oval := motion.FaceOval()
	for _, i := range oval {
		g.middle.X += g.rest[i].X / 36
		g.middle.Y += g.rest[i].Y / 36
		g.middle.Z += g.rest[i].Z / 36
	}
	prev := float32(0)
	for k, i := range oval {
		dx, dy := float64(g.rest[i].X-g.middle.X), float64(g.rest[i].Y-g.middle.Y)
		a := float32(math.Atan2(dy, dx))
		if k > 0 {
			for a < prev-math.Pi {
				a += 2 * math.Pi
			}
			a = max(a, prev+0.01)
		}
		prev = a
		g.oval[k] = ray{angle: a, radius: float32(math.Hypot(dx, dy)), z: g.rest[i].Z}
		g.outline[k] = i
	}
	var z [36]float32
	for k := range g.oval {
		z[k] = g.oval[k].z
	}
	for range 10 {
		z = smoothLoop(z)
	}
	for k := range g.oval {
		g.oval[k].even = z[k]
	}
}

// beyond finds how far (x, y) lies outside the face outline (negative inside), head units, and the outline there.
func (g *geometry) beyond(x, y float32) (d float32, at ray) {
	dx, dy := x-g.middle.X, y-g.middle.Y
	a := float32(math.Atan2(float64(dy), float64(dx)))
	for a < g.oval[0].angle {
		a += 2 * math.Pi
	}
	for a >= g.oval[0].angle+2*math.Pi {
		a -= 2 * math.Pi
	}
	k := 0
	for k < 35 && g.oval[k+1].angle <= a {
		k++
	}
	p, q := &g.oval[k], &g.oval[(k+1)%36]
	end := q.angle
	if k == 35 {
		end += 2 * math.Pi
	}
	f := num.Clamp01((a - p.angle) / max(end-p.angle, 1e-3))
	at = ray{
		a, p.radius + (q.radius-p.radius)*f, p.z + (q.z-p.z)*f, p.even + (q.even-p.even)*f,
		p.margin + (q.margin-p.margin)*f, p.cut + (q.cut-p.cut)*f,
	}
	return (float32(math.Hypot(float64(dx), float64(dy))) - at.radius) / g.unit, at
}

// smoothLoop averages neighbours of a closed sequence.
func smoothLoop(v [36]float32) (out [36]float32) {
	for i := range v {
		out[i] = (v[(i+35)%36] + 2*v[i] + v[(i+1)%36]) / 4
	}
	return out
}
