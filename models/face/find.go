package face

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	// DefaultWindows is how many windows are searched for a lost face, a picture. A window takes 1.5 to 2.5 ms on one core.
	DefaultWindows = 4
	// EveryWindow searches a whole picture at once: 115 windows of one that is 16 to 9.
	EveryWindow = 1 << 10

	tries = 2 // candidates of a picture that are looked at closely, beside the whole picture's best
	// Of what windows show only this is believed: detections from windowScore on that the landmark network confirms with
	// windowSure. Faces with 22 pixels between the eyes had 0.76 to 0.96 and 1.00 there; lace, fur and cells 0.58 and less.
	windowScore, windowSure = 0.65, 0.9
	nearFor                 = 90  // pictures for which a lost face is looked for about its last place first
	leastEyes               = 14  // pixels between the eyes of a face that is found in a window
	fewEyes                 = 18  // and of a detection, which is rough, that is too small for the landmark network
	leastLuma               = 22  // mean brightness of 255 below which a picture without a face is too dark
	farAside                = 0.6 // radians of yaw, and the nose's way from the middle of the eyes over their distance, when turned away
	likeMain                = 0.6 // size of another face over that of the followed one that makes it unclear who is meant
)

// nearWindows are the sides of the windows about a lost face's last place, over the side of its region.
func nearWindows() [2]float32 { return [2]float32{2.5, 5} }

// windowParts are the sides of the windows that a picture is searched with: its longer side over these. At 720 lines faces
// with 30 pixels between the eyes are found in the first ones, with 22 in the second and 18 in the third; the last ones are
// for faces that are too small, to be able to say so.
func windowParts() [4]int { return [4]int{2, 3, 4, 6} }

// finder is what a tracker knows while it looks for a face.
type finder struct {
	last  ROI     // where the face was
	yaw   float64 // of the face then, radians
	gone  int     // pictures since; nearFor: the place says nothing
	next  int     // window that is searched next
	found [tries]Detection
	count int
	poor  Detection // the best of those that are not believed
}

// note takes a candidate, unless there are better ones.
func (f *finder) note(d *Detection) {
	if d.Score < windowScore {
		if d.Score > f.poor.Score {
			f.poor = *d
		}
		return
	}
	at := f.count
	for at > 0 && f.found[at-1].Score < d.Score {
		at--
	}
	if at == tries {
		return
	}
	f.count = min(f.count+1, tries)
	copy(f.found[at+1:f.count], f.found[at:])
	f.found[at] = *d
}

// seen remembers a face that is followed.
func (f *finder) seen(points *[landmark.Count]landmark.Point, r ROI) {
	f.last, f.gone, f.next = r, 0, 0
	from, to := points[motion.LeftEyeOuter], points[motion.RightEyeOuter]
	f.yaw = math.Atan2(float64(to.Z-from.Z), math.Hypot(float64(to.X-from.X), float64(to.Y-from.Y)))
}

// find looks for a face in the whole picture and then in windows, as many as the tracker may, and follows the first one
// that the landmark network confirms.
func (t *Tracker) find(m Image, s *landmark.Sample) error {
	f := &t.finder
	f.count, f.poor = 0, Detection{}
	found, err := t.detector.Detect(m)
	if err != nil {
		return err
	}
	t.several = severalLike(found)
	if len(found) > 0 {
		best := f.nearest(found)
		if err := t.place(m, found[best].Region(), s); err != nil || t.tracking {
			return err
		}
		for i := range found {
			f.note(&found[i])
		}
	}
	if err := t.searchWindows(m); err != nil {
		return err
	}
	for i := range f.count {
		if err := t.confirm(m, &f.found[i], s); err != nil || t.tracking {
			return err
		}
	}
	return t.explain(m, s)
}

// explain says why there is no face. What the detector doubts is looked at for that alone: a face may be too small for it.
func (t *Tracker) explain(m Image, s *landmark.Sample) (err error) {
	f := &t.finder
	t.reason = f.why(m)
	s.Score = 0
	if t.reason == Nothing && f.poor.Score > 0 {
		s.Score, err = t.landmarker.Place(m, f.poor.Region(), &s.Points)
		if s.Score >= windowSure && eyeDistance(&s.Points)*float64(m.Width) < leastEyes {
			t.reason = TooSmall
		}
	}
	f.gone = min(f.gone+1, nearFor)
	s.Flags |= landmark.FlagLost
	return err
}

// nearest is the detection to try first: the best one, or where there are several, that nearest to where the face was.
func (f *finder) nearest(found []Detection) (best int) {
	if f.gone >= nearFor || f.last.Side == 0 {
		return 0
	}
	least := math.Inf(1)
	for i := range found {
		r := found[i].Region()
		off := math.Hypot(float64(r.CX-f.last.CX), float64(r.CY-f.last.CY)) / float64(f.last.Side)
		off += math.Abs(math.Log(float64(r.Side / f.last.Side)))
		if off < least {
			best, least = i, off
		}
	}
	return best
}

// searchWindows notes candidates: first about the place where the face was, then in the next windows of the schedule.
func (t *Tracker) searchWindows(m Image) error {
	f := &t.finder
	left := t.Windows
	look := func(r ROI) error {
		found, err := t.detector.detectIn(m, r)
		for i := range found {
			f.note(&found[i])
		}
		left--
		return err
	}
	if f.gone < nearFor && f.last.Side > 0 {
		for _, k := range nearWindows() {
			if left == 0 {
				return nil
			}
			if err := look(ROI{CX: f.last.CX, CY: f.last.CY, Side: k * f.last.Side}); err != nil {
				return err
			}
		}
	}
	all := windowCount(m)
	for range min(left, all) {
		if err := look(window(m, f.next%all)); err != nil {
			return err
		}
		f.next = (f.next + 1) % all
	}
	return nil
}

// windowCount is how many windows the schedule has for m.
func windowCount(m Image) (n int) {
	for _, parts := range windowParts() {
		rows, columns := grid(m, parts)
		n += rows.n * columns.n
	}
	return n
}

// window is one window of the schedule: large ones first, row by row.
func window(m Image, i int) ROI {
	for _, parts := range windowParts() {
		rows, columns := grid(m, parts)
		if i < rows.n*columns.n {
			return ROI{CX: columns.centre(i % columns.n), CY: rows.centre(i / columns.n), Side: rows.side}
		}
		i -= rows.n * columns.n
	}
	return m.square()
}

func grid(m Image, parts int) (rows, columns span) {
	side := float32(max(m.Width, m.Height)) / float32(parts)
	return halfOverlapping(float32(m.Height), side), halfOverlapping(float32(m.Width), side)
}

// confirm follows a candidate if the landmark network sees a face there twice, the second time where it has placed it:
// windows show many things that look like a face once.
func (t *Tracker) confirm(m Image, d *Detection, s *landmark.Sample) error {
	r := d.Region()
	for range 2 {
		if err := t.place(m, r, s); err != nil || !t.tracking {
			return err
		}
		if s.Score < windowSure || eyeDistance(&s.Points)*float64(m.Width) < leastEyes {
			t.tracking = false
			s.Flags |= landmark.FlagLost
			return nil
		}
		r = t.region
	}
	return nil
}

// eyeDistance is between the irises, in units of the picture's width.
func eyeDistance(points *[landmark.Count]landmark.Point) float64 {
	a, b := points[motion.LeftIris], points[motion.RightIris]
	return math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y))
}

// severalLike tells whether two detections are sure and about equally large.
func severalLike(found []Detection) bool {
	largest, others := float32(0), 0
	for i := range found {
		if found[i].Score >= sureScore {
			largest = max(largest, found[i].Width)
		}
	}
	for i := range found {
		if found[i].Score >= sureScore && found[i].Width >= likeMain*largest {
			others++
		}
	}
	return others > 1
}

// why says why no face is followed in m, where the candidates were not confirmed.
func (f *finder) why(m Image) Reason {
	if f.count > 0 && f.found[0].eyes() < fewEyes {
		return TooSmall
	}
	w, h := float32(m.Width), float32(m.Height)
	known := f.gone < nearFor && f.last.Side > 0
	edge := f.last.Side / expansion / 2
	switch {
	case m.brightness() < leastLuma:
		return TooDark
	case f.count > 0 && f.found[0].aside() > farAside, known && math.Abs(f.yaw) > farAside:
		return TurnedAway
	case known && (f.last.CX < edge || f.last.CY < edge || f.last.CX > w-edge || f.last.CY > h-edge):
		return OutOfPicture
	case f.count > 0:
		return Unclear
	}
	return Nothing
}

// eyes is the distance between the eyes, in pixels.
func (d *Detection) eyes() float64 {
	a, b := d.Keypoints[0], d.Keypoints[1]
	return math.Hypot(float64(b[0]-a[0]), float64(b[1]-a[1]))
}

// aside is how far the nose is from the middle of the eyes, along their line, over their distance: about 0 from the front.
func (d *Detection) aside() float64 {
	a, b, nose := d.Keypoints[0], d.Keypoints[1], d.Keypoints[2]
	x, y := float64(b[0]-a[0]), float64(b[1]-a[1])
	square := x*x + y*y
	if square == 0 {
		return math.Inf(1)
	}
	return math.Abs((float64(nose[0]-(a[0]+b[0])/2)*x + float64(nose[1]-(a[1]+b[1])/2)*y) / square)
}

// brightness is the mean of green over a grid of pixels, 0..255.
func (m Image) brightness() float64 {
	const cells = 32
	sum := 0
	for j := range cells {
		for i := range cells {
			x, y := (2*i+1)*m.Width/(2*cells), (2*j+1)*m.Height/(2*cells)
			sum += int(m.Pix[y*m.Stride+4*x+1])
		}
	}
	return float64(sum) / (cells * cells)
}
