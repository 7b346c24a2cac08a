package dataset

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

func touch(t *testing.T, parts ...string) {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFindScenes(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"ann__1.mp4", "ann__2.mpg", "bob__x.mkv", "notes.txt"} {
		touch(t, dir, "video", n)
	}
	for _, n := range []string{"neutral_front/001_03.jpg", "neutral_front/002_03.jpg", "smiling_front/001_08.jpg"} {
		touch(t, dir, "stills", "city_"+n)
	}
	scenes, err := FindScenes(&Options{Train: dir, PerPerson: 100})
	if err != nil {
		t.Fatal(err)
	}
	people := map[string]int{}
	for _, s := range scenes {
		people[s.Person] += s.share
	}
	if len(scenes) != 4 || people["ann"] != 100 || people["bob"] != 100 || people["city_001"] != 4 {
		t.Errorf("%d scenes, shares %v", len(scenes), people)
	}
	if _, err := FindScenes(&Options{Train: dir, Only: "nobody"}); err == nil {
		t.Error("no scene at all is fine")
	}
	touch(t, dir, "video", "nameless.mp4")
	if _, err := FindScenes(&Options{Train: dir}); err == nil || !strings.Contains(err.Error(), "PERSON__") {
		t.Errorf("a clip without a person: %v", err)
	}
}

func TestTargetsPreferOpenMouths(t *testing.T) {
	s := &Scene{}
	for i := range 100 {
		s.shots = append(s.shots, Shot{features: motion.Features{MouthOpen: float64(i) / 100}})
	}
	s.shots[99].features.Yaw = 1.5
	m := &Sampler{Random: rand.New(rand.NewPCG(1, 1))}
	picks := m.targets(s, 0, 30, func(i int) bool { return i%2 == 0 })
	var sum float64
	seen := map[int]bool{}
	for _, i := range picks {
		if seen[i] || i == 99 || i%2 != 0 {
			t.Fatalf("frame %d comes twice, turns away or may not be taken", i)
		}
		seen[i] = true
		sum += s.shots[i].features.MouthOpen
	}
	if len(picks) != 30 || sum/30 < 0.55 {
		t.Errorf("%d targets, mouths open by %v on average", len(picks), sum/30)
	}
}

func TestSampleWriterIndex(t *testing.T) {
	dir := t.TempDir()
	w, err := newSampleWriter(dir, 512, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err = w.finish(); err != nil {
		t.Fatal(err)
	}
	if err = w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Maps    int
		Regions []portrait.Region
	}
	if err := json.Unmarshal(b, &index); err != nil || index.Maps != portrait.MapPlanes || index.Regions[0] != portrait.Mouth() {
		t.Errorf("%s: %v", b, err)
	}
}

func TestHeadRecords(t *testing.T) {
	dir := t.TempDir()
	if _, err := newHeadWriter(dir, 256); err == nil || !strings.Contains(err.Error(), "--size") {
		t.Errorf("a size that gioconda-l does not paint: %v", err)
	}
	w, err := newSampleWriter(dir, 512, 2)
	if err != nil {
		t.Fatal(err)
	}
	rest := &motion.Rest{Points: *motion.AverageFace(), Neutral: *motion.AverageFace()}
	rest.Head = motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.45}, Scale: 0.2}
	st := portrait.Still(rest)
	h := w.head
	for i := range h.bytes {
		h.bytes[i] = 200
	}
	if err = errors.Join(h.colours(h.sources, h.bytes), h.draw(h.sources, &st, rest)); err != nil {
		t.Fatal(err)
	}
	if err = errors.Join(w.finish(), w.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "head.sources"))
	if err != nil {
		t.Fatal(err)
	}
	const e = 512
	if want := e*e*3/2 + portrait.MapPlanes*e*e/4; len(b) != want {
		t.Fatalf("a record has %d bytes, want %d", len(b), want)
	}
	if luma := int(b[0]); luma < 186 || luma > 189 || b[e*e] != 128 {
		t.Errorf("a light grey became Y %d, U %d", luma, b[e*e])
	}
	mask := b[e*e*3/2+portrait.PlaneMask*e*e/4:]
	if mask[115*e/2+e/4] != 255 || mask[0] != 0 {
		t.Error("the mask does not lie on the face")
	}
}

// TestViewsAreApart: what drives a persona of several views is of the other half of the film, and no neighbour of any view.
func TestViewsAreApart(t *testing.T) {
	s := &Scene{}
	for i := range 60 {
		sh := Shot{Frame: 2 * i}
		sh.Sample.Points = *motion.AverageFace()
		for _, k := range []int{14, 17, 152} {
			sh.Sample.Points[k].Y += 0.02 * float32(math.Sin(float64(i)/5)) // a mouth that opens and shuts
		}
		s.shots = append(s.shots, sh)
	}
	m := &Sampler{Options: &Options{Views: 5}}
	for _, at := range []int{10, 29, 30, 55} {
		picks, may, err := m.apart(s, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(picks) != 5 || picks[0] != at {
			t.Errorf("the views of %d are %v", at, picks)
		}
		some := 0
		for i := range s.shots {
			if !may(i) {
				continue
			}
			some++
			for _, p := range picks {
				if i/30 == p/30 || max(i-p, p-i) <= aside/2 {
					t.Errorf("%d drives views %v", i, picks)
				}
			}
		}
		if some < 26 {
			t.Errorf("%d may drive what shows %d", some, at)
		}
	}
	s.shots = s.shots[:2*fewest-2]
	if _, _, err := m.apart(s, 0); err == nil {
		t.Error("views are chosen from next to nothing")
	}
}

func TestCalmestOfHalves(t *testing.T) {
	if got := calmest([]int{7, 8, 2, 6, 1, 0, 5, 3, 4}, 4); !slices.Equal(got, []int{7, 2, 8, 1}) {
		t.Error(got)
	}
	if got := calmest([]int{1, 2, 0}, 3); !slices.Equal(got, []int{1, 2, 0}) {
		t.Error(got)
	}
}
