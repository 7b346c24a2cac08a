package persona

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

func warnings(p *Persona) string {
	var codes []string
	for _, w := range p.Manifest.Warnings {
		codes = append(codes, w.Code)
	}
	return strings.Join(codes, " ")
}

func TestBuildJudges(t *testing.T) {
	const w, h = 400, 500
	front := fakeFace(200, 220, 80, 0, w)
	alter := func(f Face, change func(f *Face)) Face { change(&f); return f }
	shut := alter(front, func(f *Face) {
		f.Points[159], f.Points[386] = f.Points[145], f.Points[374]
	})
	wide := alter(front, func(f *Face) { f.Points[14].Y += 60.0 / w })
	nan := alter(front, func(f *Face) { f.Points[7].X = float32(math.NaN()) })
	for _, c := range []struct {
		name     string
		faces    []Face
		code     string
		warnings string
	}{
		{"front", []Face{front}, "", ""},
		{"nobody", nil, CodeNoFace, ""},
		{"not numbers", []Face{nan}, CodeNoFace, ""},
		{"several", []Face{fakeFace(60, 60, 20, 0, w), front}, "", WarnSeveralFaces},
		{"tiny", []Face{fakeFace(200, 220, 12, 0, w)}, CodeFaceSmall, ""},
		{"small", []Face{fakeFace(200, 220, 30, 0, w)}, "", CodeFaceSmall},
		{"turned", []Face{fakeFace(200, 220, 80, 0.6, w)}, "", CodeProfile},
		{"profile", []Face{fakeFace(200, 220, 80, 1.0, w)}, CodeProfile, ""},
		{"mouth outside", []Face{fakeFace(200, 450, 80, 0, w)}, CodeFaceCut, ""},
		{"cheek outside", []Face{fakeFace(70, 220, 80, 0, w)}, "", CodeFaceCut},
		{"unsure", []Face{alter(front, func(f *Face) { f.Score = 0.1 })}, CodeFaceUnclear, ""},
		{"doubtful", []Face{alter(front, func(f *Face) { f.Score = 0.6 })}, "", CodeFaceUnclear},
		{"muzzle", []Face{alter(front, func(f *Face) { f.Score = 0.96 })}, "", CodeFaceUnclear},
		{"eyes shut", []Face{shut}, "", WarnEyesClosed},
		{"mouth open", []Face{wide}, "", WarnMouthOpen},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fakeDeps{faces: c.faces}
			p, err := Build(t.Context(), facePicture(t, w, h, c.faces), "Some One", f.deps(), Options{MaxEdge: 128}, nil)
			if code(err) != c.code {
				t.Fatalf("%q (%v), want %q", code(err), err, c.code)
			}
			if err != nil {
				if !strings.HasSuffix(err.Error(), ".") {
					t.Errorf("%q is not a sentence", err)
				}
				return
			}
			if got := warnings(p); got != c.warnings {
				t.Errorf("warnings %q, want %q", got, c.warnings)
			}
			if err := p.fits(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCloth: what has neither eyes nor lips where a face would have them is doubted.
func TestCloth(t *testing.T) {
	f := &fakeDeps{faces: []Face{fakeFace(200, 220, 80, 0, 400)}}
	p, err := Build(t.Context(), skinPicture(t, 400, 500), "Cloth", f.deps(), Options{MaxEdge: 128}, nil)
	if err != nil || warnings(p) != CodeFaceUnclear {
		t.Fatal(err, warnings(p))
	}
}

func TestBuildManifestAndProgress(t *testing.T) {
	f := &fakeDeps{faces: []Face{fakeFace(200, 220, 80, 0, 400)}}
	last, steps := -1.0, 0
	p, err := Build(t.Context(), skinPicture(t, 400, 500), " ", f.deps(),
		Options{MaxEdge: 128, SourceName: "aunt-mary.jpg", Attested: true, Credit: "me", Created: aDay()},
		func(fraction float64, step string) {
			if fraction < last || fraction > 1 || step == "" {
				t.Errorf("%v %q after %v", fraction, step, last)
			}
			last = fraction
			steps++
		})
	if err != nil || last != 1 || steps < 5 {
		t.Fatal(err, last, steps)
	}
	m := p.Manifest
	if m.ID != "aunt-mary" || m.Name != "Aunt mary" || !m.Attested || m.AttestedAs != Attestation || m.Credit != "me" ||
		m.SourceSize != [2]int{400, 500} || len(m.SourceHash) != 64 || !m.Created.Equal(aDay()) || math.Abs(float64(m.EyeDistance)-80) > 2 {
		t.Errorf("%+v", m)
	}
	// The face in the crop, brought back by Place, is where it was found.
	nose := p.Face.Head.Apply(p.Face.Points[1])
	x, y := float64(nose.X)*p.Place.Edge+p.Place.X, float64(nose.Y)*p.Place.Edge+p.Place.Y
	if math.Abs(x-200) > 0.5 || math.Abs(y-(220+0.55*80)) > 0.5 {
		t.Errorf("the nose is at %.1f, %.1f", x, y)
	}
}

// TestBuildImage: a picture in memory becomes the persona that its file does; of the file nothing is known.
func TestBuildImage(t *testing.T) {
	picture, err := intake.Decode(skinPicture(t, 400, 500), intake.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err = png.Encode(&file, picture.Image); err != nil {
		t.Fatal(err)
	}
	opts := Options{MaxEdge: 128, Created: aDay()}
	deps := func() Deps { return (&fakeDeps{faces: []Face{fakeFace(200, 220, 80, 0, 400)}}).deps() }
	want, err := Build(t.Context(), file.Bytes(), "Some One", deps(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := BuildImage(t.Context(), picture.Image, "Some One", deps(), opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Manifest.SourceHash != "" || len(want.Manifest.SourceHash) != 64 {
		t.Errorf("hashes %q and %q", got.Manifest.SourceHash, want.Manifest.SourceHash)
	}
	got.Manifest.SourceHash = want.Manifest.SourceHash
	sameFile(t, "from memory", fileOf(t, got), fileOf(t, want))

	glass := image.NewRGBA(image.Rect(0, 0, 400, 500))
	part, ok := picture.Image.SubImage(image.Rect(0, 0, 300, 300)).(*image.RGBA)
	if !ok {
		t.Fatal("a part of a picture is of another kind")
	}
	for name, img := range map[string]*image.RGBA{"nothing": nil, "empty": {}, "transparent": glass, "not packed": part} {
		if _, err := BuildImage(t.Context(), img, "x", deps(), opts, nil); err == nil {
			t.Errorf("%s was taken for a picture", name)
		}
	}
}

// TestBuildWithKnownFace: landmarks that are known are neither looked for nor moved.
func TestBuildWithKnownFace(t *testing.T) {
	known := fakeFace(200, 220, 80, 0, 400)
	other := fakeFace(120, 220, 60, 0, 400)
	f := &fakeDeps{faces: []Face{other}, crop: []Face{fakeFace(64, 64, 20, 0, 128)}}
	p, err := Build(t.Context(), skinPicture(t, 400, 500), "x", f.deps(), Options{MaxEdge: 128, Known: &known}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.calls > 0 || p.Manifest.FaceCount != 1 || p.Manifest.FaceScore != known.Score {
		t.Errorf("looked for %d times, %d faces, score %v", f.calls, p.Manifest.FaceCount, p.Manifest.FaceScore)
	}
	for i, q := range p.Face.Points {
		q = p.Face.Head.Apply(q)
		x, y := float64(q.X)*p.Place.Edge+p.Place.X, float64(q.Y)*p.Place.Edge+p.Place.Y
		if want := known.Points[i]; math.Hypot(x-400*float64(want.X), y-400*float64(want.Y)) > 0.05 {
			t.Fatalf("landmark %d is at (%.2f, %.2f), want %v of 400 pixels", i, x, y, want)
		}
	}
	away := Face{Score: 1}
	if _, err := Build(t.Context(), skinPicture(t, 400, 500), "x", f.deps(), Options{Known: &away}, nil); code(err) != CodeNoFace {
		t.Error("a face without extent:", err)
	}
}

// TestBuildCreated: a persona is made now, unless its options say when, to the second and in UTC.
func TestBuildCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		face := fakeFace(200, 220, 80, 0, 400)
		time.Sleep(1500 * time.Millisecond)
		for _, given := range []time.Time{{}, aDay().In(time.FixedZone("", 3600)).Add(time.Millisecond)} {
			p, err := Build(t.Context(), skinPicture(t, 400, 500), "x", (&fakeDeps{}).deps(),
				Options{MaxEdge: 128, Known: &face, Created: given}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := aDay()
			if given.IsZero() {
				want = time.Now().UTC().Truncate(time.Second)
			}
			if p.Manifest.Created != want {
				t.Errorf("created %v, want %v", p.Manifest.Created, want)
			}
		}
	})
}

func TestBuildPassesOn(t *testing.T) {
	face := []Face{fakeFace(200, 220, 80, 0, 400)}
	src := skinPicture(t, 400, 500)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(cancelled, src, "x", (&fakeDeps{faces: face}).deps(), Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Error("cancelled:", err)
	}
	late, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := Build(late, src, "x", (&fakeDeps{faces: face}).deps(), Options{}, func(f float64, _ string) {
		if f == 0.85 { // the last stage begins
			cancel()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Error("cancelled in the last stage:", err)
	}
	if _, err := Build(t.Context(), []byte("no picture"), "x", (&fakeDeps{}).deps(), Options{}, nil); code(err) != intake.CodeNotAnImage {
		t.Error("no picture:", err)
	}
	broken := errors.New("the network failed")
	if _, err := Build(t.Context(), src, "x", (&fakeDeps{faces: face, err: broken}).deps(), Options{}, nil); !errors.Is(err, broken) {
		t.Error("broken:", err)
	}
	if _, err := Build(t.Context(), src, "x", Deps{}, Options{}, nil); err == nil {
		t.Error("without deps")
	}
}

func TestFraming(t *testing.T) {
	for _, c := range []struct {
		name string
		face bounds
		w, h int
		want square
	}{
		{"room all around", bounds{410, 400, 570, 600}, 1000, 1000, square{230, 261, 520}},
		{"near the top", bounds{410, 50, 570, 250}, 1000, 1000, square{230, 0, 520}},
		{"near the right edge", bounds{810, 400, 970, 600}, 1000, 1000, square{480, 261, 520}},
		{"a narrow picture", bounds{100, 200, 280, 400}, 400, 900, square{0, 116, 400}},
		{"the face fills it", bounds{10, 10, 190, 210}, 200, 220, square{0, 18, 200}},
		{"the face is cut", bounds{10, -10, 190, 240}, 200, 220, square{-13, 0, 225}},
		{"one pixel", bounds{0, 0, 0.1, 0.1}, 1, 1, square{0, 0, 1}},
	} {
		got := frameSquare(c.face, (c.face.x0+c.face.x1)/2, c.w, c.h)
		if math.Abs(float64(got.x-c.want.x)) > 1 || math.Abs(float64(got.y-c.want.y)) > 1 || math.Abs(float64(got.edge-c.want.edge)) > 1 {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	for n, want := range map[int]int{1: 512, 512: 512, 530: 528, 1000: 992, 5000: 1024} {
		if got := cropEdge(n, maxCropEdge); got != want {
			t.Errorf("cropEdge(%d) is %d, want %d", n, got, want)
		}
	}
}

func TestBeyondThePicture(t *testing.T) {
	f := &fakeDeps{faces: []Face{fakeFace(100, 90, 95, 0, 200)}}
	p, err := Build(t.Context(), skinPicture(t, 200, 220), "close", f.deps(), Options{MaxEdge: 128}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := p.Crop.Rect.Dx()
	if p.Inside.GrayAt(n/2, n/2).Y != 255 || p.Inside.GrayAt(0, n/2).Y != 0 {
		t.Error("Inside is wrong")
	}
	for i := 0; i < len(p.Crop.Pix); i += 4 { // the fill is of the picture's colours
		if p.Crop.Pix[i] < 170 || p.Crop.Pix[i+2] > 160 || p.Crop.Pix[i+3] != 255 {
			t.Fatalf("pixel %d is %v", i/4, p.Crop.Pix[i:i+4])
		}
	}
}

// TestNeighboursAreBackground: people whose face is not the chosen one are left to the background.
func TestNeighboursAreBackground(t *testing.T) {
	const w, h = 600, 500
	faces := []Face{fakeFace(200, 200, 60, 0, w), fakeFace(400, 200, 60, 0, w)}
	for n, other := range []int{1, 0} {
		f := &fakeDeps{faces: faces, all: true}
		p, err := Build(t.Context(), skinPicture(t, w, h), "two", f.deps(), Options{MaxEdge: 256, Face: n + 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := func(face int) uint8 {
			q := faces[face].Points[motion.NoseTip]
			k := float64(p.Crop.Rect.Dx()) / p.Place.Edge
			return p.Matte.GrayAt(int((float64(q.X)*w-p.Place.X)*k), int((float64(q.Y)*w-p.Place.Y)*k)).Y
		}
		if at(n) < 250 || at(other) > 5 {
			t.Errorf("face %d: opacity %d, of the other one %d", n+1, at(n), at(other))
		}
	}
}

// TestFaceIsOpaque: what landmarks say is face is the person, whatever the matte says; where the two disagree, the maker is told and
// the head has the shape of one.
func TestFaceIsOpaque(t *testing.T) {
	const w, h = 400, 500
	for _, tc := range []struct {
		name     string
		blind    func(x, y int) bool
		warnings string
	}{
		{"a good matte", nil, ""},
		{"a hole", func(x, y int) bool { return x > 30 && x < 34 && y > 26 && y < 30 }, ""},
		{"half a face", func(x, _ int) bool { return x > 32 }, WarnBackground},
		{"nobody", func(int, int) bool { return true }, WarnBackground},
	} {
		f := &fakeDeps{faces: []Face{fakeFace(200, 220, 80, 0, w)}, blind: tc.blind}
		p, err := Build(t.Context(), facePicture(t, w, h, f.faces), "half", f.deps(), Options{MaxEdge: 256}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := warnings(p); got != tc.warnings {
			t.Errorf("%s: warnings %q, want %q", tc.name, got, tc.warnings)
		}
		edge := float32(p.Crop.Rect.Dx())
		pts := p.Face.Head
		for _, i := range []int{motion.NoseTip, 9, 151, 33, 263, motion.MouthLeft, motion.MouthRight, 129, 358} {
			q := pts.Apply(p.Face.Points[i])
			if a := p.Matte.GrayAt(int(q.X*edge), int(q.Y*edge)).Y; a < 250 {
				t.Errorf("%s: the face is let through at landmark %d: %d of 255", tc.name, i, a)
			}
		}
		// Above the forehead there is a head, well above it there is none.
		top := pts.Apply(p.Face.Points[10])
		if a := p.Matte.GrayAt(int(top.X*edge), int((top.Y-0.04)*edge)).Y; a < 128 {
			t.Errorf("%s: the head ends at the forehead: %d of 255", tc.name, a)
		}
		if a := p.Matte.GrayAt(4, 4).Y; a > 8 {
			t.Errorf("%s: the corner of the picture is person: %d of 255", tc.name, a)
		}
	}
}
