package planar

// Rect is the box of pixels [X0, X1) x [Y0, Y1).
type Rect struct{ X0, Y0, X1, Y1 int }

// Holds tells that pixel (x, y) lies in r.
func (r Rect) Holds(x, y int) bool { return x >= r.X0 && x < r.X1 && y >= r.Y0 && y < r.Y1 }

// Band is the rows [Y0, Y1) of an output picture that one worker draws; both are even.
type Band struct{ Y0, Y1 int }
