package behind

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	wide, high = 400, 320 // of the pictures
	testEdge   = 320      // of the portrait's crop
)

// square is where the portrait lies in its picture.
func place() persona.Place { return persona.Place{X: 50, Y: 10, Edge: 300} }

// scene is a room with a person in it, as a camera sees it. The zero value is that of the portrait.
type scene struct {
	aside, down  float64    // of the head, pixels
	panX, panY   float64    // of the camera, pixels
	zoom, roll   float64    // of the camera: shares, radians
	gain         [3]float64 // of its channels; 0 is 1
	shade        float64    // levels that the light falls off by to the right
	room         int        // which room
	walker       float64    // where somebody else walks behind, a share of the width
	broad        float64    // half of how broad they are; 0: nobody walks
	plain, nobly bool       // the wall has one colour; nobody is in the room
	noise        uint64     // seed
}

// wall is the colour of the room, which has bricks, a poster, a lamp and a window's light.
func (s *scene) wall(x, y float64) [3]float64 {
	if s.plain {
		return [3]float64{150 + 20*float64(s.room), 140, 120}
	}
	x, y = x+137*float64(s.room), y+71*float64(s.room)
	light := 0.75 + 0.25*math.Sin(x/130+0.4)
	c := [3]float64{178 * light, 150 * light, 122 * light}
	row := math.Floor(y / 26)
	if math.Mod(y, 26) < 3 || math.Mod(x+13*row, 52) < 3 {
		c = [3]float64{120 * light, 112 * light, 104 * light}
	}
	if x > 175 && x < 255 && y > 40 && y < 130 {
		c = [3]float64{60 + y/2, 90, 160}
		if math.Mod(x+y, 18) < 6 {
			c = [3]float64{210, 205, 190}
		}
	}
	return c
}

// person tells whether the person is at a place of the picture, by a head and shoulders.
func (s *scene) person(x, y float64) bool {
	if s.nobly {
		return false
	}
	dx, dy := (x-200-s.aside)/48, (y-140-s.down)/66
	if dx*dx+dy*dy < 1 {
		return true
	}
	dx, dy = (x-200-0.7*s.aside)/105, (y-310-s.down/2)/95
	return dx*dx+dy*dy < 1
}

// take is the picture.
func (s *scene) take() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, wide, high))
	r := rand.New(rand.NewPCG(s.noise, 1))
	for o := range wide * high {
		x, y := float64(o%wide)+0.5, float64(o/wide)+0.5
		c := [3]float64{225, 150, 130} // a person: no wall is as red
		if !s.person(x, y) {
			u, v := (x-wide/2)*(1+s.zoom), (y-high/2)*(1+s.zoom)
			u, v = u*math.Cos(s.roll)-v*math.Sin(s.roll)+wide/2, u*math.Sin(s.roll)+v*math.Cos(s.roll)+high/2
			c = [3]float64{}
			for k := range 4 { // antialiased, as a lens does
				w := s.wall(u+s.panX+float64(k%2)/2-0.25, v+s.panY+float64(k/2)/2-0.25)
				for i := range c {
					c[i] += w[i] / 4
				}
			}
			if math.Abs(x/wide-s.walker) < s.broad && y > 60 {
				c = [3]float64{30, 70, 40}
			}
		}
		for k := range 3 {
			if g := s.gain[k]; g != 0 {
				c[k] *= g
			}
			m.Pix[4*o+k] = byte(min(max(c[k]+s.shade*x/wide+2*r.NormFloat64()+0.5, 0), 255))
		}
		m.Pix[4*o+3] = 255
	}
	return m
}

// face is where the landmarks of the person are, in units of a picture's width.
func (s *scene) face() *[landmark.Count]landmark.Point {
	var out [landmark.Count]landmark.Point
	put := func(i int, x, y float64) {
		out[i] = motion.Vec3{X: float32((200 + s.aside + 40*x) / wide), Y: float32((146 + s.down + 54*y) / wide)}
	}
	for i := range out {
		put(i, 0, 0)
	}
	oval := motion.FaceOval()
	for k, i := range oval {
		a := 2 * math.Pi * float64(k) / float64(len(oval))
		put(int(i), math.Sin(a), -math.Cos(a))
	}
	put(motion.ChinTip, 0, 1)
	return &out
}

// byColour tells a person by the colour that only theirs has.
type byColour struct{}

func (byColour) Matte(m *image.RGBA) (*image.Gray, error) {
	out := image.NewGray(m.Rect)
	for o := range out.Pix {
		if c := m.Pix[4*o:]; int(c[0])-int(c[1]) > 52 {
			out.Pix[o] = 255
		}
	}
	return out, nil
}

// portrait is the view that the scene makes.
func (s *scene) portrait(t *testing.T) *persona.View {
	t.Helper()
	p, m := place(), s.take()
	v := &persona.View{Place: p, Inside: image.NewGray(image.Rect(0, 0, testEdge, testEdge))}
	v.Crop = raster.Resample(m, raster.Area{X: p.X, Y: p.Y, W: p.Edge, H: p.Edge}, testEdge, testEdge)
	v.Matte, _ = byColour{}.Matte(v.Crop)
	for o := range v.Inside.Pix {
		v.Inside.Pix[o] = 255
	}
	v.Face.Head.Scale = 1
	v.Face.Head.R = motion.Rotation(0, 0, 0)
	for i, q := range s.face() {
		v.Face.Points[i] = motion.Vec3{X: float32((float64(q.X)*wide - p.X) / p.Edge), Y: float32((float64(q.Y)*wide - p.Y) / p.Edge)}
	}
	return v
}

// collect adds scenes to what the first shows, and returns what came of each.
func collect(t *testing.T, base *persona.View, all ...scene) (c *Collector, said []error) {
	t.Helper()
	c, err := New(base, byColour{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].noise = uint64(i + 10)
		said = append(said, c.Add(&Picture{Image: all[i].take(), Place: place(), Points: all[i].face()}))
	}
	return c, said
}
