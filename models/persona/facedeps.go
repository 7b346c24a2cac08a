package persona

import (
	"cmp"
	"image"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// maxFaces bounds how many faces of one picture are looked at closely; the largest come first.
const maxFaces = 6

// Networks is FaceFinder and Matter by package face. It is safe for concurrent use: one picture at a time.
type Networks struct {
	mu      sync.Mutex
	tracker *face.Tracker
	matte   *face.Matte
}

// NewNetworks takes over both; the caller closes them when the Networks is no longer used.
func NewNetworks(tracker *face.Tracker, matte *face.Matte) *Networks {
	return &Networks{tracker: tracker, matte: matte}
}

// Faces implements FaceFinder.
func (n *Networks) Faces(img *image.RGBA) ([]Face, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := face.FromRGBA(img)
	found, err := n.tracker.Detector().Search(m)
	if err != nil {
		return nil, err
	}
	found = slices.Clone(found) // the detector reuses its slice
	slices.SortStableFunc(found, func(a, b face.Detection) int { return cmp.Compare(b.Width, a.Width) })
	var faces []Face
	for i := range found[:min(len(found), maxFaces)] {
		var s landmark.Sample
		if err := n.tracker.Settle(m, &found[i], &s); err != nil {
			return nil, err
		}
		one := Face{Points: s.Points, Score: s.Score}
		if _, known := nearest(faces, &one); !s.Lost() && !known { // two detections may settle on one face
			faces = append(faces, one)
		}
	}
	return faces, nil
}

// Matte implements Matter.
func (n *Networks) Matte(img *image.RGBA) (*image.Gray, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	alpha, err := n.matte.Alpha(face.FromRGBA(img))
	if err != nil {
		return nil, err
	}
	out := image.NewGray(image.Rect(0, 0, face.MatteSide, face.MatteSide))
	for i, v := range alpha {
		out.Pix[i] = uint8(255*max(0, min(1, v)) + 0.5)
	}
	return out, nil
}
