package planar

// Rect is the box of pixels [X0, X1) x [Y0, Y1).
type Rect struct{ X0, Y0, X1, Y1 int }

// Holds tells that pixel (x, y) lies in r.
func (r Rect) Holds(x, y int) bool { return x >= r.X0 && x < r.X1 && y >= r.Y0 && y < r.Y1 }

// Band is the rows [Y0, Y1) of an output picture that one worker draws; both are even.
type Band struct{ Y0, Y1 int }

// Within is r cut to a picture of w x h pixels (2 x 2 at least); where that leaves less than two columns or rows, it is the nearest
// two.
func (r Rect) Within(w, h int) Rect {
	x, y := min(max(r.X0, 0), w-2), min(max(r.Y0, 0), h-2)
	return Rect{X0: x, Y0: y, X1: max(min(r.X1, w), x+2), Y1: max(min(r.Y1, h), y+2)}
}
