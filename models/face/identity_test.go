package face

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func openIdentity(tb testing.TB) (*Identity, *Tracker) {
	tb.Helper()
	r, dir := open(tb)
	t, err := NewTracker(r, dir)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, t)
	n, err := NewIdentity(r, dir)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, n)
	return n, t
}

// embedStill finds the face of a still and embeds it; ok is false where the tracker finds none.
func embedStill(tb testing.TB, n *Identity, t *Tracker, path string) (dst []float32, ok bool) {
	tb.Helper()
	m := readImage(tb, path)
	var s landmark.Sample
	t.ResetROI()
	for range 2 {
		if err := t.Track(m, &s); err != nil {
			tb.Fatal(err)
		}
	}
	if s.Lost() {
		return nil, false
	}
	dst = make([]float32, IdentitySize)
	if err := n.Embed(m, &s.Points, dst); err != nil {
		tb.Fatal(path, err)
	}
	return dst, true
}

// stills embeds every person of a folder, by the stem of the file.
func stills(tb testing.TB, n *Identity, t *Tracker, dir string) map[string][]float32 {
	tb.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		tb.Skipf("SKIPPED, nothing was tested: %v", err)
	}
	out := map[string][]float32{}
	for _, f := range files {
		if !slices.Contains([]string{".jpg", ".png"}, filepath.Ext(f.Name())) {
			continue
		}
		if testing.Short() && len(out) == 20 {
			break
		}
		if e, ok := embedStill(tb, n, t, filepath.Join(dir, f.Name())); ok {
			who, _, _ := strings.Cut(strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())), "_")
			out[who] = e
		} else {
			tb.Logf("no face in %s", f.Name())
		}
	}
	return out
}

// TestIdentityTellsPeopleApart compares neutral with smiling pictures, of the same people and of different ones.
func TestIdentityTellsPeopleApart(t *testing.T) {
	t.Parallel()
	base := filepath.Join(sharedDir, "train", "stills")
	if _, err := os.Stat(base); err != nil {
		t.Skipf("SKIPPED, nothing was tested: %v", err)
	}
	n, tracker := openIdentity(t)
	neutral := stills(t, n, tracker, filepath.Join(base, "london_neutral_front"))
	smiling := stills(t, n, tracker, filepath.Join(base, "london_smiling_front"))
	var same, other []float64
	for who, a := range neutral {
		for whom, b := range smiling {
			if s := Similarity(a, b); who == whom {
				same = append(same, s)
			} else {
				other = append(other, s)
			}
		}
	}
	if len(same) < 20 {
		t.Fatalf("only %d people were found in both folders", len(same))
	}
	slices.Sort(same)
	slices.Sort(other)
	area, best, at := 0.0, 0.0, 0.0
	for i, s := range same {
		below, _ := slices.BinarySearch(other, s)
		area += float64(below) / float64(len(other)) / float64(len(same))
		// Accuracy with both kinds of pairs counting alike, if s still counts as the same person.
		accuracy := (float64(len(same)-i)/float64(len(same)) + float64(below)/float64(len(other))) / 2
		if accuracy > best {
			best, at = accuracy, s
		}
	}
	t.Logf("%d people, %d pairs: area under the curve %.4f, accuracy %.4f at similarity %.4f; same person: median %.4f, "+
		"least %.4f; different people: median %.4f, most %.4f", len(same), len(same)+len(other), area, best, at,
		same[len(same)/2], same[0], other[len(other)/2], other[len(other)-1])
	if area < 0.95 {
		t.Errorf("the area under the curve is %.4f, less than 0.95", area)
	}
}

// TestIdentityNetwork feeds a pattern to the converted network and compares the first numbers with those of face-api's
// own forward pass on the same pattern.
func TestIdentityNetwork(t *testing.T) {
	n, _ := openIdentity(t)
	for y := range identitySide {
		for x := range identitySide {
			for c := range 3 {
				n.image[(c*identitySide+y)*identitySide+x] = float32((x*7+y*13+c*29+(x*y)%31)%256) / 255
			}
		}
	}
	if err := n.session.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{
		-0.048793, 0.121850, 0.061405, -0.012615, -0.039027, -0.058455, -0.075745, -0.002099,
		0.117515, -0.008481, 0.243261, 0.002965, -0.232087, -0.046586, 0.004710, 0.063863,
	} {
		if got := n.embedding[i]; math.Abs(float64(got-want)) > 5e-4 {
			t.Errorf("number %d is %v, want %v", i, got, want)
		}
	}
}

// TestChip puts landmarks at the anchors' places in a turned, scaled and moved square and expects that square back.
func TestChip(t *testing.T) {
	want := ROI{CX: 300, CY: 220, Side: 180, Angle: 0.4}
	var points [landmark.Count]landmark.Point
	for _, a := range anchors() {
		x, y := want.plane().at(a.x-0.5, a.y-0.5)
		points[a.landmark] = landmark.Point{X: float32(x / 640), Y: float32(y / 640)}
	}
	got := chip(&points, 640)
	for _, d := range []float32{got.CX - want.CX, got.CY - want.CY, got.Side - want.Side, 100 * (got.Angle - want.Angle)} {
		if math.Abs(float64(d)) > 0.01 {
			t.Fatalf("%+v, want %+v", got, want)
		}
	}
}

func TestIdentityFaults(t *testing.T) {
	n, tracker := openIdentity(t)
	m := readImage(t, monaLisa)
	var s landmark.Sample
	if err := tracker.Track(m, &s); err != nil || s.Lost() {
		t.Fatal(err, s.Lost())
	}
	dst := make([]float32, IdentitySize)
	var spot [landmark.Count]landmark.Point
	far, none := s.Points, s.Points
	for i := range far {
		far[i].X += 50
		none[i].X = float32(math.NaN())
	}
	for name, points := range map[string]*[landmark.Count]landmark.Point{"one spot": &spot, "far away": &far, "no numbers": &none} {
		if err := n.Embed(m, points, dst); !errors.Is(err, ErrNoEmbedding) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := n.Embed(m, &s.Points, dst[1:]); !errors.Is(err, ErrNoEmbedding) {
		t.Errorf("too short: %v", err)
	}
	if err := n.Embed(Image{}, &s.Points, dst); !errors.Is(err, ErrImage) {
		t.Errorf("no picture: %v", err)
	}
	if slices.ContainsFunc(dst, func(v float32) bool { return v != 0 }) {
		t.Error("a refused face left numbers")
	}
	if err := n.Embed(m, &s.Points, dst); err != nil {
		t.Fatal(err)
	}
	if s := Similarity(dst, dst); math.Abs(s-1) > 1e-6 {
		t.Errorf("a picture has the similarity %v to itself", s)
	}
	if s := Similarity(dst, make([]float32, IdentitySize)); s != 0 {
		t.Errorf("nothing has the similarity %v", s)
	}
	if a := testing.AllocsPerRun(3, func() {
		if err := n.Embed(m, &s.Points, dst); err != nil {
			t.Error(err)
		}
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

func BenchmarkEmbed(b *testing.B) {
	n, tracker := openIdentity(b)
	m := readImage(b, monaLisa)
	var s landmark.Sample
	if err := tracker.Track(m, &s); err != nil || s.Lost() {
		b.Fatal(err, s.Lost())
	}
	dst := make([]float32, IdentitySize)
	b.ReportAllocs()
	for b.Loop() {
		if err := n.Embed(m, &s.Points, dst); err != nil {
			b.Fatal(err)
		}
	}
}
