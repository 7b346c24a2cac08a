package retarget_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

type seenFace struct {
	Clip, Image   string
	Frame         int
	Width, Height float64
	Points        [][3]float64
}

// references are real faces: portraits, and frames of clips.
func references(t *testing.T) (portraits, frames []seenFace) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "landmarks.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("SKIPPED: ../shared/reference/landmarks.json is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []seenFace
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		switch {
		case len(f.Points) != landmark.Count:
		case f.Image != "":
			portraits = append(portraits, f)
		default:
			frames = append(frames, f)
		}
	}
	return portraits, frames
}

func (f *seenFace) points() (pts [landmark.Count]motion.Vec3) {
	for i, p := range f.Points {
		pts[i] = motion.Vec3{X: float32(p[0]), Y: float32(p[1] * f.Height / f.Width), Z: float32(p[2])}
	}
	return pts
}

// Whatever real drivers do, on every portrait lips that touch touch, shut lids meet, and nothing crosses.
func TestRealDriversOnRealPortraits(t *testing.T) {
	portraits, frames := references(t)
	for _, image := range portraits {
		pts := image.points()
		rest := retarget.NewRest(&pts)
		checkRest(t, image.Image, &rest)
		var s *session
		clip := ""
		for _, f := range frames {
			if f.Clip != clip {
				s, clip = newSession(&rest, retarget.DefaultOptions()), f.Clip
			}
			x := landmark.Sample{Points: f.points()}
			var st motion.State
			for range 20 { // so long that every face is reached
				st = s.feed(x)
			}
			checkConsistent(t, &st, &rest)
			gap := (x.Points[14].Y - x.Points[13].Y) / motion.NewFitter().FitAverage(&x.Points).Scale
			if gap < 0.01 && st.MouthOpen != 0 {
				t.Errorf("%s, %s:%d: the driver's lips touch (%.4f), the portrait's gap is %.3f",
					image.Image, f.Clip, f.Frame, gap, st.MouthOpen)
			}
			if gap > 0.06 && st.MouthOpen < 0.5*gap {
				t.Errorf("%s, %s:%d: the driver's mouth opens by %.3f, the portrait's by %.3f",
					image.Image, f.Clip, f.Frame, gap, st.MouthOpen)
			}
		}
	}
}

// checkRest wants a portrait's landmarks back from its rest, and a neutral with its mouth shut.
func checkRest(t *testing.T, name string, rest *motion.Rest) {
	t.Helper()
	if d := motion.Distance(motion.Middle(rest.Points[33], rest.Points[133]), motion.Middle(rest.Points[263], rest.Points[362])); d < 0.999 || d > 1.001 {
		t.Errorf("%s: the unit is %.4f", name, d)
	}
	for _, c := range motion.LipColumns() {
		if rest.Neutral[c.Upper[3]] != rest.Neutral[c.Lower[3]] {
			t.Errorf("%s: the neutral's lips do not meet", name)
		}
	}
	for side, e := range motion.Eyes() {
		if rest.Neutral[e.Upper[3]].Y >= rest.Neutral[e.Lower[3]].Y-0.03 {
			t.Errorf("%s: eye %d is not open in the neutral", name, side)
		}
	}
}
