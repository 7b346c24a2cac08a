package teach

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/behind"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

const (
	roomWide, roomHigh = 720, sitterEdge
	seat               = (roomWide - sitterEdge) / 2 // where the sitter's picture begins in the room
)

// room is a wall with a shelf and stripes; others lie further to the right.
func room(number int) *image.RGBA {
	return changed(image.NewRGBA(image.Rect(0, 0, roomWide, roomHigh)), func(x, y int) [3]int {
		x += 260 * number
		light := 0.8 + 0.2*math.Sin(float64(x)/150)
		c := [3]float64{196, 204, 188}
		switch {
		case y%150 > 128:
			c = [3]float64{116, 92, 70}
		case x/36%2 == 0:
			c = [3]float64{150, 168, 176}
		}
		return [3]int{int(c[0] * light), int(c[1] * light), int(c[2] * light)}
	})
}

// before is the sitter before a wall, moved aside by so many pixels.
func (s *sitter) before(wall *image.RGBA, aside int, open float32) *image.RGBA {
	s.t.Helper()
	st := meshtest.AtRest(s.p)
	meshtest.Gape(s.p, &st, open)
	f := meshtest.Frame(s.t, sitterEdge)
	f.Matte = frame.NewMatte(f)
	if err := s.r.Render(f, &st); err != nil {
		s.t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, sitterEdge, sitterEdge))
	if err := f.ToRGBA(m); err != nil {
		s.t.Fatal(err)
	}
	return changed(wall, func(x, y int) (c [3]int) {
		w := wall.RGBAAt(x, y)
		c = [3]int{int(w.R), int(w.G), int(w.B)}
		if x -= seat + aside; x < 0 || x >= sitterEdge {
			return c
		}
		a, p := int(f.Matte.Luma[y*sitterEdge+x]), m.RGBAAt(x, y)
		for k, v := range []uint8{p.R, p.G, p.B} {
			c[k] += a * (int(v) - c[k]) / 255
		}
		return c
	})
}

// taught is a persona of these pictures, as if taken one after the other.
func (b *bench) taught(t *testing.T, all ...*image.RGBA) (p *persona.Persona, found behind.Found) {
	t.Helper()
	var sent []Picture
	for i, m := range all {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, Picture{Name: strconv.Itoa(i), Data: file.Bytes()})
	}
	b.Revealed = func(f behind.Found) { found = f }
	p, err := Sent(t.Context(), sent, true, b.Options)
	if err != nil {
		t.Fatal(err)
	}
	return p, found
}

// wallBehind compares what is drawn behind p's person with the wall, luma in dB, where Behind of q knows something.
func wallBehind(t *testing.T, p, q *persona.Persona, wall *image.RGBA) float64 {
	t.Helper()
	r, err := mesh.New(p, mesh.Options{Size: 512, Badge: mesh.BadgeNone})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	truth := raster.Resample(wall, raster.Area{X: p.Place.X, Y: p.Place.Y, W: p.Place.Edge, H: p.Place.Edge}, 512, 512)
	var sum, n float64
	edge := p.Crop.Rect.Dx()
	for o, drawn := range r.Background().Y {
		x, y := o%512*edge/512, o/512*edge/512
		if p.Matte.GrayAt(x, y).Y < 250 || q.Behind.Seen.GrayAt(x, y).Y < 250 {
			continue
		}
		c := truth.Pix[4*o:]
		l, _, _ := frame.ToYUV(float32(c[0]), float32(c[1]), float32(c[2]))
		sum += (float64(drawn) - float64(l)) * (float64(drawn) - float64(l))
		n++
	}
	return 10 * math.Log10(255*255*n/sum)
}

// TestBehindTheHead: what further pictures show behind the head is drawn there, nearer to the truth by 8 dB at least; pictures that are
// added later bring theirs, views that there were show theirs again, and another room is none of it.
func TestBehindTheHead(t *testing.T) {
	s, b := newSitter(t), newBench(t)
	here, there := room(0), room(1)
	p, found := b.taught(t, s.before(here, 0, 0), s.before(here, 70, 0.1), s.before(here, -66, 0.15), s.before(here, 74, 0.05))
	if p.Behind == nil || found.Pictures != 3 || found.Seen == 0 {
		t.Fatalf("found %+v", found)
	}
	plain := *p
	plain.Behind = nil
	guess, seen := wallBehind(t, &plain, p, here), wallBehind(t, p, p, here)
	t.Logf("%d of %d pixels were seen: guess %.1f dB, seen %.1f dB", found.Seen, found.Covered, guess, seen)
	if seen < guess+8 || 20*found.Seen < found.Covered {
		t.Errorf("guess %.1f dB, seen %.1f dB; %d of %d pixels", guess, seen, found.Seen, found.Covered)
	}
	if said := SaidBehind(found); !strings.Contains(said, "in 3 pictures") {
		t.Error(said)
	}
	b.Base = p
	more, again := b.taught(t, s.before(here, 40, 0.22))
	if more.Behind == nil || again.Pictures < 2 || more.Behind == p.Behind {
		t.Errorf("with one more: %+v", again)
	}
	b.Base = nil
	q, found := b.taught(t, s.before(here, 0, 0), s.before(there, 70, 0.1), s.before(there, -66, 0.15))
	if q.Behind != nil || found.Pictures != 0 || !strings.Contains(SaidBehind(found), "nothing") {
		t.Errorf("another room: %+v", found)
	}
}

// TestMoreViewsForgetWhatWasBehind: it was of other pictures.
func TestMoreViewsForgetWhatWasBehind(t *testing.T) {
	base := meshtest.MonaLisa(t)
	base.Behind = &persona.Behind{Picture: base.Crop, Seen: base.Matte}
	c := &contact{options: &Options{Base: base}, seen: make([]seen, 2), held: 1}
	if out, _ := c.join([]int{0, 1}, map[int]*persona.Persona{1: {View: base.View}}); out.Behind != nil || base.Behind == nil {
		t.Error("it keeps what was behind")
	}
}

// TestRevealing: the pictures whose heads are farthest aside are looked at, on both sides, neighbours in a film once; not those that hardly
// moved, were left out, or are only tuned to.
func TestRevealing(t *testing.T) {
	p := meshtest.MonaLisa(t)
	p.Full, p.Place = persona.NewFull(p.Crop), persona.Place{Edge: 512}
	c := &contact{options: &Options{}, beside: func(n int) bool { return n == 3 }}
	for n, aside := range []float32{0, 0.1, -0.15, 0.4, 0.3, 0.002, 0.15, 0.2} {
		var s seen
		for i, q := range p.Face.Points {
			s.sample.Points[i] = p.Face.Head.Apply(q)
			s.sample.Points[i].X += aside
		}
		if s.number = n; n == 4 {
			s.out("other", "it shows somebody else")
		}
		c.seen = append(c.seen, s)
	}
	if got, want := c.revealing(p, 0), []int{7, 2, 6, 1}; !slices.Equal(got, want) {
		t.Errorf("pictures %v, want %v", got, want)
	}
	for len(c.seen) < 200 { // of a film, neighbours are within two of each other
		c.seen = append(c.seen, c.seen[5])
	}
	if got, want := c.revealing(p, 0), []int{7, 2}; !slices.Equal(got, want) {
		t.Errorf("of a film pictures %v, want %v", got, want)
	}
	p.Full = nil
	if got := c.revealing(p, 0); got != nil {
		t.Errorf("without the whole picture: %v", got)
	}
}
