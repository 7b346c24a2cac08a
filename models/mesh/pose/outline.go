package pose

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Ray is one point of the face outline seen from Geometry.Middle.
type Ray struct {
	angle, z float32
	Radius   float32 // from Middle to the outline, texture pixels
	even     float32 // z averaged over neighbouring rays: the outline's own would fold what lies beyond
	Margin   float32 // how far outside the outline the jaw's edge in the picture lies, head units
	Cut      float32 // 1 where the body continues beyond the jaw, 0 where the background begins
}

// outlineRays measures the face outline from its middle and makes the angles increase strictly.
func (g *Geometry) outlineRays() {
	oval := motion.FaceOval()
	for _, i := range oval {
		g.Middle.X += g.At[i].X / 36
		g.Middle.Y += g.At[i].Y / 36
		g.Middle.Z += g.At[i].Z / 36
	}
	prev := float32(0)
	for k, i := range oval {
		dx, dy := float64(g.At[i].X-g.Middle.X), float64(g.At[i].Y-g.Middle.Y)
		a := float32(math.Atan2(dy, dx))
		if k > 0 {
			for a < prev-math.Pi {
				a += 2 * math.Pi
			}
			a = max(a, prev+0.01)
		}
		prev = a
		g.Oval[k] = Ray{angle: a, Radius: float32(math.Hypot(dx, dy)), z: g.At[i].Z}
		g.Outline[k] = i
	}
	var z [36]float32
	for k := range g.Oval {
		z[k] = g.Oval[k].z
	}
	for range 10 {
		z = SmoothLoop(z)
	}
	for k := range g.Oval {
		g.Oval[k].even = z[k]
	}
}

// Beyond tells how far (x, y) lies outside the face outline (negative inside), head units, and the outline there.
func (g *Geometry) Beyond(x, y float32) (d float32, at Ray) {
	dx, dy := x-g.Middle.X, y-g.Middle.Y
	a := float32(math.Atan2(float64(dy), float64(dx)))
	for a < g.Oval[0].angle {
		a += 2 * math.Pi
	}
	for a >= g.Oval[0].angle+2*math.Pi {
		a -= 2 * math.Pi
	}
	k := 0
	for k < 35 && g.Oval[k+1].angle <= a {
		k++
	}
	p, q := &g.Oval[k], &g.Oval[(k+1)%36]
	end := q.angle
	if k == 35 {
		end += 2 * math.Pi
	}
	f := num.Clamp01((a - p.angle) / max(end-p.angle, 1e-3))
	at = Ray{
		angle: a, z: p.z + (q.z-p.z)*f, even: p.even + (q.even-p.even)*f,
		Radius: p.Radius + (q.Radius-p.Radius)*f,
		Margin: p.Margin + (q.Margin-p.Margin)*f, Cut: p.Cut + (q.Cut-p.Cut)*f,
	}
	return (float32(math.Hypot(float64(dx), float64(dy))) - at.Radius) / g.Unit, at
}

// Sure is 1 well inside the face outline and falls to 0 towards it, in texture pixels, edge x edge: what landmarks know for the
// person whatever a matte says.
func (g *Geometry) Sure(edge int) *planar.Plane {
	const from, to = 0.04, 0.12 // of the outline, inwards, head units: landmarks may run outside the cheek
	p := planar.New(edge, edge)
	reach := float32(0)
	for k := range g.Oval {
		reach = max(reach, g.Oval[k].Radius)
	}
	limit := func(v float32) int { return int(min(max(v, 0), float32(edge))) }
	for y := limit(g.Middle.Y - reach); y < limit(g.Middle.Y+reach); y++ {
		for x := limit(g.Middle.X - reach); x < limit(g.Middle.X+reach); x++ {
			d, _ := g.Beyond(float32(x)+0.5, float32(y)+0.5)
			p.Pix[y*edge+x] = num.Smoothstep(from, to, -d)
		}
	}
	return p
}

// Reach is 1 where head and body can show the person, and 0 above the shoulders so far from the face that no part of the head lies
// there, in texture pixels, edge x edge: what a matte calls person there is somebody else, and belongs to the background.
func (g *Geometry) Reach(edge int) *planar.Plane {
	const from, to = 2.2, 2.7 // head units beyond the outline; the head's outermost ring lies at 2.9
	p := planar.New(edge, edge)
	for y := range edge {
		for x := range edge {
			px, py := float32(x)+0.5, float32(y)+0.5
			low := num.Smoothstep(0.40*g.Chin, 0.60*g.Chin, g.Level(px, py))
			if low < 1 {
				d, _ := g.Beyond(px, py)
				low = max(low, 1-num.Smoothstep(from, to, d))
			}
			p.Pix[y*edge+x] = low
		}
	}
	return p
}

// SmoothLoop averages each value with its two neighbours around the face outline.
func SmoothLoop(v [36]float32) (out [36]float32) {
	for i := range v {
		out[i] = (v[(i+35)%36] + 2*v[i] + v[(i+1)%36]) / 4
	}
	return out
}
