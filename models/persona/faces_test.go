package persona

import (
	"math"
	"strings"
	"testing"
)

// TestFaceNumbers: faces are counted from the left; without a number the largest is taken, and the maker is told how to
// take another.
func TestFaceNumbers(t *testing.T) {
	const w, h = 900, 500
	x := []float64{150, 450, 750}
	eyes := []float64{40, 60, 50}
	var faces []Face
	for _, i := range []int{1, 2, 0} { // as a finder may give them
		faces = append(faces, fakeFace(x[i], 220, eyes[i], 0, w))
	}
	picture := facePicture(t, w, h, faces)
	for _, tc := range []struct {
		face     int
		want     int // index of x
		warnings string
	}{{0, 1, WarnSeveralFaces}, {1, 0, ""}, {2, 1, ""}, {3, 2, ""}} {
		f := &fakeDeps{faces: faces}
		p, err := Build(t.Context(), picture, "Some One", f.deps(), Options{MaxEdge: 128, Face: tc.face}, nil)
		if err != nil {
			t.Fatal(err)
		}
		nose := p.Face.Head.Apply(p.Face.Points[1])
		if at := float64(nose.X)*p.Place.Edge + p.Place.X; math.Abs(at-x[tc.want]) > 2 || p.Manifest.FaceCount != 3 {
			t.Errorf("face %d: the nose is at %.0f, %d faces", tc.face, at, p.Manifest.FaceCount)
		}
		if got := warnings(p); got != tc.warnings {
			t.Errorf("face %d: warnings %q", tc.face, got)
		}
		if tc.face == 0 && !strings.Contains(p.Manifest.Warnings[0].Message, "3 faces in this picture; the largest, number 2 from the left") {
			t.Error(p.Manifest.Warnings[0].Message)
		}
	}
	for _, n := range []int{-1, 4} {
		_, err := Build(t.Context(), picture, "Some One", (&fakeDeps{faces: faces}).deps(), Options{Face: n}, nil)
		if code(err) != CodeFaceNumber || !strings.Contains(err.Error(), "3 faces") {
			t.Errorf("face %d: %v", n, err)
		}
	}
	size, boxes, err := FaceBoxes(t.Context(), picture, (&fakeDeps{faces: faces}).deps(), Options{})
	if err != nil || size != [2]int{w, h} || len(boxes) != 3 {
		t.Fatal(size, boxes, err)
	}
	for i, b := range boxes {
		if math.Abs(b.X+b.Width/2-x[i]) > eyes[i]/2 || b.Width < eyes[i] || b.Height < eyes[i] || b.Score <= 0 {
			t.Errorf("box %d: %+v", i, b)
		}
	}
	if _, _, err := FaceBoxes(t.Context(), []byte("none"), (&fakeDeps{}).deps(), Options{}); code(err) == "" {
		t.Error("what is no picture has faces")
	}
}
