package persona

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	npmDir    = "../node_modules"
	sharedDir = "../../../shared"
)

// networks gives the real face finder and matter, or skips where the packages are not installed.
func networks(tb testing.TB) Deps {
	tb.Helper()
	if raceDetector {
		tb.Skip("SKIPPED, nothing was tested: whole portraits take minutes under the race detector")
	}
	dir, err := weights.Dir()
	if err != nil {
		tb.Fatal(err)
	}
	if weights.Verify(dir) != nil {
		err = weights.Build(tb.Context(), npmDir, dir, nil)
		if errors.Is(err, weights.ErrNoPackages) {
			tb.Skipf("SKIPPED, nothing was tested: %v", err)
		} else if err != nil {
			tb.Fatal(err)
		}
	}
	r, err := ort.New(ort.LibraryIn(npmDir))
	if errors.Is(err, ort.ErrNoLibrary) {
		tb.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		tb.Fatal(err)
	}
	closing(tb, r.Close)
	tracker, err := face.NewTracker(r, dir)
	if err != nil {
		tb.Fatal(err)
	}
	closing(tb, tracker.Close)
	matte, err := face.NewMatte(r, dir)
	if err != nil {
		tb.Fatal(err)
	}
	closing(tb, matte.Close)
	canonical, err := face.LoadCanonical(dir)
	if err != nil {
		tb.Fatal(err)
	}
	n := face.NewStill(tracker, matte)
	return Deps{Analyser: n, Triangles: canonical.Triangles}
}

func closing(tb testing.TB, f func() error) {
	tb.Helper()
	tb.Cleanup(func() {
		if err := f(); err != nil {
			tb.Error(err)
		}
	})
}

func aDay() time.Time { return time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC) }

// shared is the path of test data outside the project, or skips.
func shared(tb testing.TB, path string) string {
	tb.Helper()
	full := filepath.Join(sharedDir, path)
	if _, err := os.Stat(full); err != nil {
		tb.Skipf("SKIPPED, nothing was tested: %s is absent", full)
	}
	return full
}

func sharedFile(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(shared(tb, path))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// reference gives the known landmarks of the portraits, by file name, in units of the picture's width.
func reference(tb testing.TB) map[string]Face {
	tb.Helper()
	var list []struct {
		Image         string
		Width, Height float64
		Points        [][3]float64
	}
	if err := json.Unmarshal(sharedFile(tb, "reference/landmarks.json"), &list); err != nil {
		tb.Fatal(err)
	}
	out := map[string]Face{}
	for _, e := range list {
		if e.Image == "" {
			continue
		}
		f := Face{Score: 1}
		for i, p := range e.Points {
			f.Points[i] = landmark.Point{X: float32(p[0]), Y: float32(p[1] * e.Height / e.Width), Z: float32(p[2])}
		}
		out[filepath.Base(e.Image)] = f
	}
	return out
}

// fakeFace is an average face, turned by yaw radians, size pixels between the eyes, in a picture of width pixels.
func fakeFace(cx, cy, size, yaw, width float64) Face {
	base := averageHead()
	head := motion.Rigid{
		R: motion.Rotation(yaw, 0, 0), Scale: float32(size / width),
		T: motion.Vec3{X: float32(cx / width), Y: float32(cy / width)},
	}
	f := Face{Score: 0.99}
	for i, p := range base {
		f.Points[i] = head.Apply(p)
	}
	return f
}

// averageHead is a rough head in the head frame: an ellipsoid with eyes, lips and nose where landmarks have them, and
// the points that a head pose is fitted to.
func averageHead() (out [landmark.Count]motion.Vec3) {
	for i := range out {
		a := 2 * math.Pi * float64(i) / 61
		r := 0.3 + 0.7*float64(i%13)/12
		x, y := 1.2*r*math.Cos(a), 0.35+1.3*r*math.Sin(a)
		out[i] = motion.Vec3{X: float32(x), Y: float32(y), Z: float32(0.9*r*r - 0.4)}
	}
	fixed := map[int][3]float32{
		10: {0, -0.89, -0.21}, 152: {0, 1.75, -0.1}, 21: {-1.12, -0.44, 0.49}, 251: {1.12, -0.44, 0.49},
		33: {-0.705, 0, 0}, 133: {-0.295, 0.01, -0.09}, 362: {0.295, 0.01, -0.09}, 263: {0.705, 0, 0},
		159: {-0.5, -0.07, -0.05}, 145: {-0.5, 0.07, -0.05}, 386: {0.5, -0.07, -0.05}, 374: {0.5, 0.07, -0.05},
		1: {0, 0.55, -0.65}, 4: {0, 0.496, -0.70}, 5: {0, 0.365, -0.646}, 6: {0, 0.03, -0.415}, 168: {0, -0.096, -0.327},
		61: {-0.4, 1, -0.2}, 291: {0.4, 1, -0.2}, 13: {0, 0.99, -0.35}, 14: {0, 1.01, -0.35},
		127: {-1.229, 0.047, 0.822}, 356: {1.229, 0.047, 0.822}, 234: {-1.216, 0.316, 0.89}, 454: {1.216, 0.316, 0.89},
		162: {-1.2, -0.23, 0.66}, 389: {1.2, -0.23, 0.66}, 9: {0, -0.353, -0.351}, 151: {0, -0.616, -0.294},
		54: {-0.996, -0.627, 0.277}, 284: {0.996, -0.627, 0.277}, 67: {-0.559, -0.848, -0.088}, 297: {0.559, -0.848, -0.088},
		93: {-1.197, 0.589, 0.889}, 323: {1.197, 0.589, 0.889}, 143: {-1.017, 0.068, 0.256}, 372: {1.017, 0.068, 0.256},
		195: {0, 0.255, -0.571}, 197: {0, 0.149, -0.499}, 198: {-0.198, 0.386, -0.398}, 420: {0.198, 0.386, -0.398},
		129: {-0.283, 0.578, -0.266}, 358: {0.283, 0.578, -0.266},
	}
	for i, p := range fixed {
		out[i] = motion.Vec3{X: p[0], Y: p[1], Z: p[2]}
	}
	return out
}

// fakeDeps answers with the given faces, in units of the width of a picture of w x h, and follows them into crops.
type fakeDeps struct {
	faces []Face
	crop  []Face // what is found in the crop; nil is nothing
	calls int
	all   bool                // the matte takes everything for the person
	blind func(x, y int) bool // cells of 64 x 64 that the matte misses; nil: none
	err   error
}

func (f *fakeDeps) Faces(*image.RGBA) ([]Face, error) {
	f.calls++
	if f.calls > 1 {
		return f.crop, f.err
	}
	return f.faces, f.err
}

// Matte is an ellipse about the middle.
func (f *fakeDeps) Matte(*image.RGBA) (*image.Gray, error) {
	out := image.NewGray(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if (f.all || math.Hypot(float64(x-32)/20, float64(y-32)/28) < 1) && (f.blind == nil || !f.blind(x, y)) {
				out.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return out, f.err
}

func (f *fakeDeps) deps() Deps {
	return Deps{Analyser: f, Triangles: [][3]uint16{{0, 1, 2}, {3, 4, 477}}}
}

// facePicture is skinPicture with dark eyes and red lips where faces have them.
func facePicture(tb testing.TB, w, h int, faces []Face) []byte {
	tb.Helper()
	img := skin(w, h)
	spot := func(p landmark.Point, r float64, c color.RGBA) {
		x0, y0 := float64(p.X)*float64(w), float64(p.Y)*float64(w)
		for y := int(y0 - r); y <= int(y0+r); y++ {
			for x := int(x0 - r); x <= int(x0+r); x++ {
				img.SetRGBA(x, y, c)
			}
		}
	}
	for i := range faces {
		r := 0.08 * eyeDistance(&faces[i].Points) * float64(w)
		if math.IsNaN(r) {
			continue
		}
		for _, k := range irises() {
			spot(faces[i].Points[k], r, color.RGBA{40, 30, 30, 255})
		}
		for _, k := range lipPatches() {
			spot(faces[i].Points[k], r/2, color.RGBA{170, 80, 80, 255})
		}
	}
	return encoded(tb, img)
}

// skinPicture is a JPEG of w x h in skin colour with some texture.
func skinPicture(tb testing.TB, w, h int) []byte {
	tb.Helper()
	return encoded(tb, skin(w, h))
}

func skin(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			t := uint8((x*7 + y*13) % 23)
			img.SetRGBA(x, y, color.RGBA{190 + t, 140 + t, 110 + t, 255})
		}
	}
	return img
}

func encoded(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// code is the code of an *Error, "" for nil, "untyped" for others.
func code(err error) string {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code()
	}
	return "untyped: " + err.Error()
}
