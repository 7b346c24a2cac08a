package face

import (
	"cmp"
	"image"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// maxFaces bounds how many faces of one picture are looked at closely; the largest come first.
const maxFaces = 12

// Still looks at single pictures: every face, and the person's matte. It is safe for concurrent use, one picture
// at a time.
type Still struct {
	mu      sync.Mutex
	tracker *Tracker
	matte   *Matte
}

// NewStill takes over both; the caller closes them when the Still is no longer used.
func NewStill(tracker *Tracker, matte *Matte) *Still { return &Still{tracker: tracker, matte: matte} }

// Faces returns the settled landmarks of every face of img, the largest detection first; one face may be there twice,
// when two detections settle on it. img is opaque, bounds from (0, 0), and not kept.
func (n *Still) Faces(img *image.RGBA) ([]landmark.Sample, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := FromRGBA(img)
	found, err := n.tracker.Detector().Search(m)
	if err != nil {
		return nil, err
	}
	found = slices.Clone(found) // the detector reuses its slice
	slices.SortStableFunc(found, func(a, b Detection) int { return cmp.Compare(b.Width, a.Width) })
	var faces []landmark.Sample
	for i := range found[:min(len(found), maxFaces)] {
		var s landmark.Sample
		if err := n.tracker.Settle(m, &found[i], &s); err != nil {
			return nil, err
		}
		if !s.Lost() {
			faces = append(faces, s)
		}
	}
	return faces, nil
}

// Matte returns the person's opacity (255 is person) over the whole of img, MatteSide pixels square.
func (n *Still) Matte(img *image.RGBA) (*image.Gray, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	alpha, err := n.matte.Alpha(FromRGBA(img))
	if err != nil {
		return nil, err
	}
	out := image.NewGray(image.Rect(0, 0, MatteSide, MatteSide))
	for i, v := range alpha {
		out.Pix[i] = uint8(255*max(0, min(1, v)) + 0.5)
	}
	return out, nil
}
