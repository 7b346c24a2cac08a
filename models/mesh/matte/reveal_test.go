package matte

import (
	"image"
	"image/color"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// covered is a striped wall that somebody covers the middle of; of that the left half was seen, up to column 70 softly.
func covered() (s Source, wall *image.RGBA) {
	const n = 128
	r := image.Rect(0, 0, n, n)
	wall = image.NewRGBA(r)
	s = Source{Crop: image.NewRGBA(r), Matte: image.NewGray(r), Behind: image.NewRGBA(r), Seen: image.NewGray(r)}
	for o := range n * n {
		x, y := o%n, o/n
		grey := uint8(120)
		if y/4%2 == 0 {
			grey = 180
		}
		wall.SetRGBA(x, y, color.RGBA{grey, grey, grey, 255})
		s.Crop.SetRGBA(x, y, color.RGBA{grey, grey, grey, 255})
		s.Behind.SetRGBA(x, y, color.RGBA{R: 255, A: 255}) // means nothing
		if x >= 32 && x < 96 {
			s.Matte.Pix[o] = 255
			s.Crop.SetRGBA(x, y, color.RGBA{60, 40, 30, 255})
		}
		if x < 70 {
			s.Behind.SetRGBA(x, y, color.RGBA{grey, grey, grey, 255})
			s.Seen.Pix[o] = uint8(min(255, 25*(70-x)))
		}
	}
	return s, wall
}

// TestSeenIsShown: behind the person is what was seen there, to the level; where it was not it is guessed, from the former too, and in
// between one goes over into the other. What the picture shows itself stays, and what counts for nothing is nowhere.
func TestSeenIsShown(t *testing.T) {
	const n = 128
	s, wall := covered()
	seen := Separate(s, Bounds{}, n, 8).Back
	s.Seen = image.NewGray(s.Crop.Rect)
	none := Separate(s, Bounds{}, n, 8).Back
	s.Behind, s.Seen = nil, nil
	guess := Separate(s, Bounds{}, n, 8).Back
	truth := planar.FromRGBA(wall)
	at := func(p planar.Picture, x, y int) float32 { return p[0].At(x+8, y+8) }
	var right, left, red float32
	for y := 8; y < n-8; y++ {
		for x := range n {
			if at(none, x, y) != at(guess, x, y) {
				t.Fatalf("(%d, %d): what nobody saw is shown", x, y)
			}
			red = max(red, seen[2].At(x+8, y+8)-guess[2].At(x+8, y+8))
			switch d := at(seen, x, y) - truth[0].At(x, y); {
			case x < 24 || x >= 104 || x >= 36 && x < 58:
				if d > 0.6 || d < -0.6 {
					t.Fatalf("(%d, %d) is %.1f off", x, y, d)
				}
			case x >= 60 && x < 70:
				right += d * d
				e := at(guess, x, y) - truth[0].At(x, y)
				left += e * e
			}
		}
	}
	if right > left*0.6 {
		t.Errorf("where it was seen softly the square of the error is %.0f, and %.0f of a guess", right, left)
	}
	if red > 2 {
		t.Errorf("what counts for nothing is shown: %.1f levels of red", red)
	}
}
