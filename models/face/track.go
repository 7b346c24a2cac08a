package face

import (
	"errors"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Tracker follows one face from picture to picture: it detects once, then looks where the landmarks of the picture
// before were, and detects again when the face is lost there: in the whole picture, about the place where it was, and in
// windows, some in each picture, so that small faces are found too. It does not smooth. It belongs to one goroutine at a
// time.
type Tracker struct {
	// MinScore is the face probability below which a face counts as lost.
	MinScore float32
	// Windows bounds how many windows of a picture are searched while no face is followed, beside the whole picture.
	Windows int

	detector   *Detector
	landmarker *Landmarker
	region     ROI
	tracking   bool
	finder     finder
	reason     Reason
	several    bool
}

// SettlePasses is how often a still is looked at: the region stops moving after about this many.
const SettlePasses = 4

// NewTracker loads both networks from dir, a model folder made by package weights. The caller closes the Tracker before
// the Runtime.
func NewTracker(r *ort.Runtime, dir string) (*Tracker, error) {
	d, err := NewDetector(r, dir)
	if err != nil {
		return nil, err
	}
	l, err := NewLandmarker(r, dir)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return &Tracker{MinScore: minScore, Windows: DefaultWindows, detector: d, landmarker: l}, nil
}

// Close frees both networks.
func (t *Tracker) Close() error { return errors.Join(t.landmarker.Close(), t.detector.Close()) }

// Detector is the tracker's own detector, for callers that want every face of a still.
func (t *Tracker) Detector() *Detector { return t.detector }

// ResetROI forgets where the face was: the next Track detects anew. Call it at a cut or a change of camera.
func (t *Tracker) ResetROI() {
	t.tracking = false
	t.finder = finder{}
}

// Reason says why the last Track has lost the face, or whether it may follow the wrong one.
func (t *Tracker) Reason() Reason { return t.reason }

// Track writes the landmarks of the followed face to Points of s, with Score, Width, Height and the lost flag; other
// fields stay as they are. Without a face the flag is set, the points are meaningless and the error is nil. It does not
// allocate while it follows a face.
func (t *Tracker) Track(m Image, s *landmark.Sample) error {
	if err := m.check(); err != nil {
		return err
	}
	s.Width, s.Height = uint16(m.Width), uint16(m.Height)
	if t.tracking {
		if err := t.place(m, t.region, s); err != nil || t.tracking {
			return err
		}
	}
	return t.find(m, s)
}

// place runs the landmark network at r and decides whether the face is followed.
func (t *Tracker) place(m Image, r ROI, s *landmark.Sample) error {
	t.tracking = false
	score, err := t.landmarker.Place(m, r, &s.Points)
	if err != nil {
		return err
	}
	s.Score = score
	s.Flags |= landmark.FlagLost
	if !(score >= t.MinScore) {
		return nil
	}
	t.region = regionOf(&s.Points, m.Width)
	if t.region.usable(m) {
		t.tracking = true
		s.Flags &^= landmark.FlagLost
		t.finder.seen(&s.Points, t.region)
		t.reason = Followed
		if t.several {
			t.reason = Several
		}
	}
	return nil
}

// Settle is Track for a still: it looks at the face of d several times, each time where the last pass found it, so that
// the result does not depend on the detector's rough box. The tracker then follows that face.
func (t *Tracker) Settle(m Image, d *Detection, s *landmark.Sample) error {
	if err := m.check(); err != nil {
		return err
	}
	s.Width, s.Height = uint16(m.Width), uint16(m.Height)
	t.region = d.Region()
	for range SettlePasses {
		if err := t.place(m, t.region, s); err != nil || !t.tracking {
			return err
		}
	}
	return nil
}
