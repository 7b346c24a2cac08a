package face

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// far is the Mona Lisa in a picture of w x h, so small that her eyes are as many pixels apart, the middle of the painting at
// x, y, before a plain wall.
func far(tb testing.TB, w, h int, eyes, x, y float64) Image {
	tb.Helper()
	const own = 74 // pixels between her eyes in the painting
	m := readImage(tb, monaLisa)
	out := Image{Pix: make([]byte, 4*w*h), Stride: 4 * w, Width: w, Height: h}
	for i := range out.Pix {
		out.Pix[i] = 120
	}
	pasteAt(out, m, eyes/own, x, y)
	return out
}

// pasteAt draws m into out, scaled, its middle at x, y.
func pasteAt(out, m Image, scale, x, y float64) {
	const k = 3
	w, h := scale*float64(m.Width)/2, scale*float64(m.Height)/2
	for py := max(0, int(y-h)); py < min(out.Height, int(y+h)); py++ {
		for px := max(0, int(x-w)); px < min(out.Width, int(x+w)); px++ {
			var sum [3]int
			for sub := range k * k {
				sx := int((float64(px)+(float64(sub%k)+0.5)/k-x)/scale) + m.Width/2
				sy := int((float64(py)+(float64(sub/k)+0.5)/k-y)/scale) + m.Height/2
				sx, sy = min(max(sx, 0), m.Width-1), min(max(sy, 0), m.Height-1)
				for c := range sum {
					sum[c] += int(m.Pix[sy*m.Stride+4*sx+c])
				}
			}
			for c, v := range sum {
				out.Pix[py*out.Stride+4*px+c] = byte(v / (k * k))
			}
		}
	}
}

// TestFarFaceIsFollowed: a face with 22 pixels between the eyes at 720 lines is found within as many pictures as the windows
// take, followed while it moves, and found at once when it was gone for a picture.
func TestFarFaceIsFollowed(t *testing.T) {
	tracker := openTracker(t)
	var s landmark.Sample
	track := func(m Image) {
		t.Helper()
		if err := tracker.Track(m, &s); err != nil {
			t.Fatal(err)
		}
	}
	at := func(i int) Image { return far(t, 1280, 720, 22, 900+8*float64(i), 260-4*float64(i)) }
	first := at(0)
	most := (windowCount(first) + tracker.Windows - 1) / tracker.Windows
	for n := 1; ; n++ {
		if track(first); !s.Lost() {
			break
		}
		if n > most {
			t.Fatalf("not found in %d pictures", n)
		}
	}
	nose := func() (x, y float64) { return float64(s.Points[4].X) * 1280, float64(s.Points[4].Y) * 1280 }
	track(first)
	x0, y0 := nose()
	for i := range 12 {
		track(at(i))
		x, y := nose()
		if off := math.Hypot(x-x0-8*float64(i), y-y0+4*float64(i)); s.Lost() || off > 2 {
			t.Fatalf("picture %d: lost %v, the nose is %.1f px off", i, s.Lost(), off)
		}
	}
	track(noise(1280, 720))
	if !s.Lost() {
		t.Fatal("noise passes for the face")
	}
	if track(at(13)); s.Lost() {
		t.Error("back after a picture, and not found at once")
	}
	tracker.ResetROI()
	tracker.Windows = EveryWindow
	if track(at(0)); s.Lost() {
		t.Error("not found in a picture that is searched whole")
	}
}

// TestSearchIsBounded: a picture without a face costs so many windows, and no memory.
func TestSearchIsBounded(t *testing.T) {
	tracker := openTracker(t)
	m := noise(640, 360)
	var s landmark.Sample
	var err error
	all := windowCount(m)
	for range all/tracker.Windows + 3 { // once about
		before := tracker.finder.next
		err = errors.Join(err, tracker.Track(m, &s))
		if n := (tracker.finder.next - before + all) % all; n != tracker.Windows || err != nil || !s.Lost() {
			t.Fatalf("%d windows, lost %v, %v", n, s.Lost(), err)
		}
	}
	if n := testing.AllocsPerRun(10, func() { err = errors.Join(err, tracker.Track(m, &s)) }); n > 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
}

// TestWindowsCoverThePicture: wherever a small face is, a window of each size holds it whole.
func TestWindowsCoverThePicture(t *testing.T) {
	for _, m := range []Image{{Width: 1280, Height: 720}, {Width: 540, Height: 810}, {Width: 100, Height: 100}, {Width: 2000, Height: 90}} {
		longer := float32(max(m.Width, m.Height))
		for _, parts := range windowParts() {
			half := longer / float32(parts) / 4 // of a face's edge
			for y := half; y <= float32(m.Height)-half; y += longer / 40 {
				for x := half; x <= float32(m.Width)-half; x += longer / 40 {
					held := false
					for i := range windowCount(m) {
						w := window(m, i)
						reach := w.Side/2 - half + 0.01
						held = held || w.Side == longer/float32(parts) && max(w.CX-x, x-w.CX, w.CY-y, y-w.CY) <= reach
					}
					if !held {
						t.Fatalf("%d x %d over %d: no window for a face at %v, %v", m.Width, m.Height, parts, x, y)
					}
				}
			}
		}
	}
}

// goldenWindows are the windows of a picture, for the browser's tracker too.
type goldenWindows struct {
	Width   int         `json:"width"`
	Height  int         `json:"height"`
	Windows []goldenROI `json:"windows"`
}

func TestGoldenWindows(t *testing.T) {
	var got, want []goldenWindows
	for _, m := range []Image{{Width: 1280, Height: 720}, {Width: 480, Height: 640}} {
		g := goldenWindows{Width: m.Width, Height: m.Height}
		for i := range windowCount(m) {
			g.Windows = append(g.Windows, toGolden(window(m, i)))
		}
		got = append(got, g)
	}
	golden(t, "windows.json", got, &want)
	for i, g := range got {
		if len(g.Windows) != len(want[i].Windows) {
			t.Fatalf("%d windows, want %d", len(g.Windows), len(want[i].Windows))
		}
		for k, w := range g.Windows {
			if w != want[i].Windows[k] {
				t.Errorf("window %d: %+v, want %+v", k, w, want[i].Windows[k])
			}
		}
	}
}

// TestReasons: where no face is followed, the tracker knows why.
func TestReasons(t *testing.T) {
	tracker := openTracker(t)
	tracker.Windows = EveryWindow
	dark := far(t, 320, 320, 50, 160, 160)
	for i := range dark.Pix {
		dark.Pix[i] /= 60
	}
	mona := readImage(t, monaLisa)
	two := Image{Pix: make([]byte, 4*2*mona.Width*mona.Height), Stride: 8 * mona.Width, Width: 2 * mona.Width, Height: mona.Height}
	pasteAt(two, mona, 1, float64(mona.Width)/2, float64(mona.Height)/2)
	pasteAt(two, mona, 1, 1.5*float64(mona.Width), float64(mona.Height)/2)
	edge := far(t, 640, 480, 60, 610, 240)
	for _, tc := range []struct {
		name string
		m    []Image // the last one counts
		want Reason
	}{
		{"followed", []Image{mona}, Followed},
		{"two", []Image{two}, Several},
		{"small", []Image{far(t, 1280, 720, 10, 640, 360)}, TooSmall},
		{"dark", []Image{dark}, TooDark},
		{"nothing", []Image{noise(320, 240)}, Nothing},
		{"leaves", []Image{edge, noise(640, 480)}, OutOfPicture},
	} {
		tracker.ResetROI()
		var s landmark.Sample
		for _, m := range tc.m {
			if err := tracker.Track(m, &s); err != nil {
				t.Fatal(err)
			}
		}
		if got := tracker.Reason(); got != tc.want || s.Lost() != (tc.want > Several) {
			t.Errorf("%s: %v, lost %v", tc.name, got, s.Lost())
		}
	}
}

// TestTurnedAway: a face that looks aside, or did when it was last seen, is known as such.
func TestTurnedAway(t *testing.T) {
	m := noise(400, 400)
	face := func(nose float32) Detection {
		return Detection{Score: 0.8, X: 100, Y: 100, Width: 100, Height: 100, Keypoints: [6][2]float32{{130, 130}, {170, 130}, {nose, 150}}}
	}
	for name, tc := range map[string]struct {
		nose float32
		yaw  float64
		want Reason
	}{"from the front": {152, 0, Unclear}, "a profile": {190, 0, TurnedAway}, "turned before": {150, -0.8, TurnedAway}} {
		f := finder{last: ROI{CX: 150, CY: 150, Side: 150}, yaw: tc.yaw}
		d := face(tc.nose)
		f.note(&d)
		if got := f.why(m); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if f := (finder{yaw: 1, gone: nearFor}); f.why(m) != Nothing {
		t.Error("a face that went long ago still counts")
	}
}

// TestNearestFace: of several faces the one where the lost face was comes first, and the best one where nothing is known.
func TestNearestFace(t *testing.T) {
	found := []Detection{{Score: 0.9, X: 500, Y: 100, Width: 100, Height: 100}, {Score: 0.8, X: 90, Y: 110, Width: 100, Height: 100}}
	if f := (finder{}); f.nearest(found) != 0 {
		t.Error("the best one does not come first")
	}
	if f := (finder{last: ROI{CX: 150, CY: 150, Side: 150}}); f.nearest(found) != 1 {
		t.Error("the followed one does not come first")
	}
}

func TestReasonsInWords(t *testing.T) {
	said := map[string]bool{}
	for r := range Reason(ReasonCount) {
		if said[r.String()] || r.String() == "" {
			t.Errorf("%d: %q", r, r)
		}
		said[r.String()] = true
		if a := r.Advice(); a == "" != (r == Followed) || a != "" && !strings.HasSuffix(a, ".") {
			t.Errorf("%v: %q", r, a)
		}
	}
}
