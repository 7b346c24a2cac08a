package outpaint

import (
	"image"
	"image/color"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

const (
	testEdge   = 128
	testWidth  = 320
	testHeight = 180
	testFrom   = (testWidth - testHeight) / 2
)

// portrait is a bright head in the middle and dark shoulders that reach the square's sides, over a background that is lighter to the
// right and has one dark column next to the left edge.
func portrait(t *testing.T) *Scene {
	t.Helper()
	back, err := frame.NewI420(testEdge, testEdge)
	if err != nil {
		t.Fatal(err)
	}
	rest, _ := frame.NewI420(testEdge, testEdge)
	for o := range back.Y {
		back.Y[o] = byte(100 + o%testEdge/4)
	}
	for o := range back.U {
		back.U[o], back.V[o] = 120, 135
	}
	rest.CopyFrom(back)
	rest.Matte = frame.NewMatte(rest)
	for o := range rest.Y {
		x, y := o%testEdge-testEdge/2, o/testEdge
		switch abs := max(x, -x); {
		case x*x+(y-50)*(y-50) < 30*30:
			rest.Y[o], rest.Matte.Luma[o] = 230, 255
		case y > 80+abs/4:
			rest.Y[o], rest.Matte.Luma[o] = 40, 255
		}
	}
	return &Scene{Rest: rest, Background: back}
}

func extended(t *testing.T, s *Scene) *frame.I420 {
	t.Helper()
	f, err := Extend(s, testWidth, testHeight)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSidesGoOn: there is no step where the square ends, the background goes on, the shoulders go on falling, and the head comes once.
func TestSidesGoOn(t *testing.T) {
	f := extended(t, portrait(t))
	at := func(x, y int) int { return int(f.Y[y*testWidth+x]) }
	for y := range testHeight {
		for _, x := range []int{testFrom - 1, testFrom + testHeight - 1} {
			if d := at(x+1, y) - at(x, y); (d > 12 || d < -12) && (y < 128 || y > 142) { // the shoulders' outline is a step of its own
				t.Errorf("row %d: from column %d to the next %d levels", y, x, d)
			}
		}
		for _, x := range []int{0, testFrom / 2, testWidth - 1 - testFrom/2, testWidth - 1} {
			if at(x, y) > 180 {
				t.Errorf("the head is at (%d, %d) too", x, y)
			}
		}
	}
	for _, c := range []struct{ x, y, least, most int }{
		{2, 20, 90, 125}, {testWidth - 3, 20, 115, 150}, // background
		{testFrom - 4, 170, 30, 60}, {testWidth - testFrom + 4, 170, 30, 60}, // shoulders, next to the square
		{2, 150, 90, 125}, // and no longer, where they have fallen
	} {
		if v := at(c.x, c.y); v < c.least || v > c.most {
			t.Errorf("(%d, %d) is %d, want %d to %d", c.x, c.y, v, c.least, c.most)
		}
	}
}

// TestMiddleIsThePortrait: the square is the portrait at rest, enlarged.
func TestMiddleIsThePortrait(t *testing.T) {
	s := portrait(t)
	f := extended(t, s)
	for _, p := range [][2]int{{64, 50}, {10, 10}, {64, 120}, {120, 30}} {
		x, y := p[0]*testHeight/testEdge, p[1]*testHeight/testEdge
		got, want := int(f.Y[y*testWidth+testFrom+x]), int(s.Rest.Y[p[1]*testEdge+p[0]])
		if got-want > 2 || want-got > 2 {
			t.Errorf("%v is %d, want %d", p, got, want)
		}
	}
}

// TestOneColourStaysOne: beside a background of one colour is that colour, to the level.
func TestOneColourStaysOne(t *testing.T) {
	s := portrait(t)
	for o := range s.Background.Y {
		if s.Rest.Matte.Luma[o] == 0 {
			s.Rest.Y[o] = 77
		}
		s.Background.Y[o] = 77
	}
	f := extended(t, s)
	for y := range testHeight / 2 {
		for x := range testWidth {
			if v := f.Y[y*testWidth+x]; (x < testFrom || x >= testFrom+testHeight) && v != 77 {
				t.Fatalf("(%d, %d) is %d", x, y, v)
			}
		}
	}
}

// around is a picture three squares wide, green, of which the square shows the middle.
func around(person bool) *Around {
	m := image.NewRGBA(image.Rect(0, 0, 3*testEdge, testEdge))
	for o := range m.Pix {
		m.Pix[o] = []uint8{0, 200, 0, 255}[o%4]
	}
	return &Around{Picture: m, X: testEdge, Edge: testEdge, Person: person}
}

// TestAroundIsShown: what is known goes to the outer edges; the person is in front of a background, and in a photo not once more.
func TestAroundIsShown(t *testing.T) {
	l, u, v := frame.ToYUV(0, 200, 0)
	green := func(f *frame.I420, x, y int) bool {
		o := y/2*(testWidth/2) + x/2
		near := func(a byte, b float32) bool { return float32(a)-b < 4 && b-float32(a) < 4 }
		return near(f.Y[y*testWidth+x], l) && near(f.U[o], u) && near(f.V[o], v)
	}
	for _, person := range []bool{false, true} {
		s := portrait(t)
		s.Around = around(person)
		f := extended(t, s)
		for _, x := range []int{1, testFrom - 8, testWidth - testFrom + 8, testWidth - 2} {
			if !green(f, x, 20) {
				t.Errorf("person %v: what is around is not shown at column %d", person, x)
			}
		}
		if got := green(f, testFrom-4, 172); got != person {
			t.Errorf("person %v: a photo shows beside the shoulder: %v", person, got)
		}
	}
}

// TestAroundFadesAtItsOwnEdges: a picture that ends within the side leaves no edge there.
func TestAroundFadesAtItsOwnEdges(t *testing.T) {
	s := portrait(t)
	s.Around = around(false)
	s.Around.Picture = s.Around.Picture.SubImage(image.Rect(testEdge-40, 0, 2*testEdge+40, testEdge)).(*image.RGBA)
	s.Around.Picture.Rect = s.Around.Picture.Rect.Sub(s.Around.Picture.Rect.Min)
	s.Around.X = 40
	for x := range s.Around.Picture.Rect.Dx() {
		for y := range testEdge {
			s.Around.Picture.SetRGBA(x, y, color.RGBA{200, 200, 200, 255})
		}
	}
	f := extended(t, s)
	row := f.Y[20*testWidth:][:testWidth]
	for x := range testFrom - 1 {
		if d := int(row[x+1]) - int(row[x]); d > 8 || d < -8 {
			t.Errorf("a step of %d at column %d", d, x)
		}
	}
	if row[0] > 130 || row[testFrom-10] < 180 {
		t.Errorf("%d at the edge, %d next to the square", row[0], row[testFrom-10])
	}
}

func TestExtendRefuses(t *testing.T) {
	s := portrait(t)
	if _, err := Extend(s, 180, 180); err == nil {
		t.Error("a square was accepted")
	}
	s.Rest.Matte = nil
	if _, err := Extend(s, testWidth, testHeight); err == nil {
		t.Error("a picture without a matte was accepted")
	}
}
