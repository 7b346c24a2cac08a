package frame

// Matte is how much of each sample of a picture belongs to what was drawn over the background: 0 is the background alone, 255
// what was drawn alone. Rows are packed as those of the picture are.
type Matte struct {
	Luma   []byte // one value for each of Y
	Chroma []byte // one value for each of U and V
}

// NewMatte allocates a matte, of the background alone, for a picture of the size of f.
func NewMatte(f *I420) *Matte {
	return &Matte{Luma: make([]byte, len(f.Y)), Chroma: make([]byte, len(f.U))}
}
