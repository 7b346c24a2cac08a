package mesh

import (
	"image"
	"image/draw"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// palette knows the colours of a picture: chroma by luma in steps of 16.
type palette [16][256][256]bool

// newPalette takes the colours of crop, and all within reach of them in U and V, at luma at most three steps off: what is
// painted may be shaded.
func newPalette(crop *image.RGBA, reach int) *palette {
	var own, wide palette
	for o := 0; o < len(crop.Pix); o += 4 {
		y, u, v := frame.ToYUV(float32(crop.Pix[o]), float32(crop.Pix[o+1]), float32(crop.Pix[o+2]))
		own[int(y)/16][int(u)][int(v)] = true
	}
	for y := range own {
		for u := range 256 {
			for v := range 256 {
				if own[y][u][v] {
					wide.stain(y, u, v, reach)
				}
			}
		}
	}
	return &wide
}

func (p *palette) stain(y, u, v, reach int) {
	for k := max(y-3, 0); k <= min(y+3, 15); k++ {
		for i := max(u-reach, 0); i <= min(u+reach, 255); i++ {
			for j := max(v-reach, 0); j <= min(v+reach, 255); j++ {
				p[k][i][j] = true
			}
		}
	}
}

// strangers counts the pixels of f, by squares of two, that have no colour of the palette.
func (p *palette) strangers(f *frame.I420) (n int) {
	w := f.Width / 2
	for o := range f.U {
		if y := f.Y[2*(o/w)*f.Width+2*(o%w)]; !p[y/16][f.U[o]][f.V[o]] {
			n++
		}
	}
	return n
}

// evenMatte gives every pixel the opacity a.
func evenMatte(p *persona.Persona, a uint8) {
	for o := range p.Matte.Pix {
		p.Matte.Pix[o] = a
	}
}

// cutPicture lets the picture end beyond r.
func cutPicture(p *persona.Persona, r image.Rectangle) {
	clear(p.Inside.Pix)
	draw.Draw(p.Inside, r, image.White, image.Point{}, draw.Src)
}

// hardPortraits spoil the Mona Lisa, each in a way that leaves some estimate without samples.
func hardPortraits() map[string]func(*persona.Persona) {
	return map[string]func(*persona.Persona){
		"as it is":              func(*persona.Persona) {},
		"no person in matte":    func(p *persona.Persona) { evenMatte(p, 0) },
		"person in doubt":       func(p *persona.Persona) { evenMatte(p, 127) },
		"all person, surely":    func(p *persona.Persona) { evenMatte(p, 255) },
		"all person, nearly":    func(p *persona.Persona) { evenMatte(p, 230) },
		"a trace of a person":   func(p *persona.Persona) { evenMatte(p, 9) },
		"face alone in picture": func(p *persona.Persona) { cutPicture(p, image.Rect(180, 60, 320, 260)) },
		"face alone in doubt": func(p *persona.Persona) {
			cutPicture(p, image.Rect(180, 60, 320, 260))
			evenMatte(p, 140)
		},
		"a half face in matte": func(p *persona.Persona) {
			for o := range p.Matte.Pix {
				if o%p.Matte.Stride > 250 {
					p.Matte.Pix[o] = 0
				}
			}
		},
		"eyes shut": func(p *persona.Persona) {
			for _, pair := range [...][2]int{{159, 145}, {158, 153}, {160, 144}, {157, 154}, {161, 163}, {386, 374}, {385, 380}, {387, 373}, {384, 381}, {388, 390}} {
				p.Face.Points[pair[0]] = p.Face.Points[pair[1]]
			}
		},
		"eyes of no width": func(p *persona.Persona) {
			for _, i := range [...]int{33, 133, 160, 144, 158, 153, 159, 145} {
				p.Face.Points[i] = p.Face.Points[motion.LeftEyeInner]
			}
		},
		"eyes all iris": func(p *persona.Persona) {
			for i := landmark.SkinCount; i < landmark.Count; i++ {
				if k := (i - landmark.SkinCount) % 5; k > 0 {
					c := p.Face.Points[i-k]
					q := &p.Face.Points[i]
					q.X, q.Y = c.X+9*(q.X-c.X), c.Y+9*(q.Y-c.Y)
				}
			}
		},
	}
}

// TestOwnPalette: no pixel of a film is far from every colour of its portrait, even where there is nothing to learn colours from.
func TestOwnPalette(t *testing.T) {
	t.Parallel()
	for name, spoil := range hardPortraits() {
		p := meshtest.MonaLisa(t)
		spoil(p)
		r, err := New(p, Options{Size: 256, Badge: BadgeNone})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		colours := newPalette(p.Crop, 20)
		gape, blink := meshtest.AtRest(p), meshtest.Turned(p, 10, 0, 0)
		meshtest.Gape(p, &gape, 0.5)
		meshtest.Blink(p, &blink, 0)
		for i, st := range []motion.State{
			meshtest.AtRest(p), gape, blink, meshtest.Turned(p, 25, 10, 0), meshtest.Turned(p, -25, -15, 15),
		} {
			if n := colours.strangers(render(t, r, &st)); n > 0 {
				t.Errorf("%s, state %d: %d pixels have no colour of the portrait", name, i, n)
			}
		}
		r.Close()
	}
}
