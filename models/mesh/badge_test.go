package mesh

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// TestBadgeSitsInItsCorner: the plaque changes pixels in its own corner of a picture of any shape, and nowhere else.
func TestBadgeSitsInItsCorner(t *testing.T) {
	for _, size := range [][2]int{{512, 512}, {1024, 600}, {400, 902}} {
		for place, right := range map[BadgePlace][2]bool{
			BadgeBottomRight: {true, true}, BadgeBottomLeft: {false, true}, BadgeTopRight: {true, false}, BadgeTopLeft: {false, false},
		} {
			f, err := frame.NewI420(size[0], size[1])
			if err != nil {
				t.Fatal(err)
			}
			fill(f.Y, 120)
			NewBadge(place, size[0], size[1]).Draw(f)
			changed, reach := 0, min(size[0], size[1])/8
			for o, v := range f.Y {
				if v == 120 {
					continue
				}
				changed++
				x, y := o%size[0], o/size[0]
				if right[0] {
					x = size[0] - 1 - x
				}
				if right[1] {
					y = size[1] - 1 - y
				}
				if x > reach || y > reach {
					t.Fatalf("%v, place %d: pixel %d, away from the corner, changed", size, place, o)
				}
			}
			if changed == 0 {
				t.Errorf("%v, place %d: nothing was drawn", size, place)
			}
		}
	}
	if NewBadge(BadgeNone, 512, 512) != nil || NewBadge(BadgeTopLeft, 30, 500) != nil {
		t.Error("a badge was made where none is wanted or fits")
	}
}
