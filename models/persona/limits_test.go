package persona

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestReadBelievesNothing: contents that no face has are refused, whatever the sums say. Write refuses them as well.
func TestReadBelievesNothing(t *testing.T) {
	for name, change := range map[string]func(*Persona){
		"a huge head":               func(p *Persona) { p.Face.Head.Scale = 40 },
		"a tiny head":               func(p *Persona) { p.Face.Head.Scale = 1e-30 },
		"a head elsewhere":          func(p *Persona) { p.Face.Head.T.X = 1e10 },
		"a rotation that stretches": func(p *Persona) { p.Face.Head.R[0] *= 3 },
		"a rotation that shears":    func(p *Persona) { p.Face.Head.R[1] += 0.5 },
		"a mirror image": func(p *Persona) {
			for k := range 3 {
				p.Face.Head.R[k] = -p.Face.Head.R[k]
			}
		},
		"the back of a head": func(p *Persona) { // half a turn about the vertical
			for _, k := range []int{0, 3, 6, 2, 5, 8} {
				p.Face.Head.R[k] = -p.Face.Head.R[k]
			}
		},
		"a landmark far away":         func(p *Persona) { p.Face.Points[7].Z = -1e20 },
		"a neutral landmark far away": func(p *Persona) { p.Face.Neutral[7].Y = 5 },
		"the eyes in one place": func(p *Persona) {
			f := &p.Face.Points
			f[motion.LeftEyeOuter], f[motion.LeftEyeInner] = f[motion.RightEyeOuter], f[motion.RightEyeInner]
		},
		"all landmarks in one place": func(p *Persona) {
			for k := range p.Face.Points {
				p.Face.Points[k] = motion.Vec3{X: 0.1}
			}
		},
		"the chin above the eyes": func(p *Persona) { p.Face.Points[motion.ChinTip].Y = -1 },
		"a place far away":        func(p *Persona) { p.Place.X = 1e30 },
		"a triangle of no area":   func(p *Persona) { p.Triangles = [][3]uint16{{1, 1, 2}} },
		"three triangles at an edge": func(p *Persona) {
			p.Triangles = [][3]uint16{{0, 1, 2}, {1, 0, 3}, {0, 1, 4}}
		},
		"more area than a face has": func(p *Persona) {
			for k := range uint16(landmark.Count / 3) {
				at := [3]motion.Vec3{{X: -1.4, Y: -1}, {X: 1.4, Y: -1}, {X: 0, Y: 1.4}}
				for c := range uint16(3) {
					p.Face.Neutral[3*k+c] = p.Face.Points[3*k+c]
					p.Face.Points[3*k+c] = at[c]
				}
				p.Triangles = append(p.Triangles, [3]uint16{3 * k, 3*k + 1, 3*k + 2})
			}
		},
	} {
		p := tinyPersona("tiny")
		change(p)
		if p.Write(&bytes.Buffer{}) == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// TestReadChecksTheNumbers writes numbers into a file, behind the back of Write.
func TestReadChecksTheNumbers(t *testing.T) {
	for _, v := range []float32{40, 1e-30, float32(math.NaN()), -1} {
		p := tinyPersona("tiny")
		parts, err := p.sections()
		if err != nil {
			t.Fatal(err)
		}
		for i := range parts {
			if parts[i].name == partRest {
				binary.LittleEndian.PutUint32(parts[i].data[4*12:], math.Float32bits(v)) // the scale
			}
		}
		if _, err := Read(bytes.NewReader(layout(parts))); code(err) != CodeCorrupted {
			t.Errorf("a scale of %v: %v", v, err)
		}
	}
}
