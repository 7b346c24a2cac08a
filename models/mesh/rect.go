package mesh

// rect is a half-open box of texture pixels.
type rect struct{ x0, y0, x1, y1 int }

func (r rect) holds(x, y int) bool { return x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1 }

// band is a horizontal stripe of the output, rows y0 (even) up to y1, drawn by one worker.
type band struct{ y0, y1 int }
