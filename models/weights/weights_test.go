package weights

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const npmDir = "../node_modules"

// built makes all files in a new folder, or skips where the packages are not installed.
func built(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "models")
	var calls []string
	err := Build(t.Context(), npmDir, dir, func(name string, done, of int) {
		calls = append(calls, name)
		if done != len(calls)-1 || of != len(products()) {
			t.Errorf("progress %s %d/%d", name, done, of)
		}
	})
	if errors.Is(err, ErrNoPackages) {
		t.Skipf("SKIPPED, nothing was tested: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != len(products()) {
		t.Errorf("progress was reported for %v", calls)
	}
	return dir
}

// TestPinned fails when the converter's output changes: pin the new hashes in products if that was meant.
func TestPinned(t *testing.T) {
	built(t)
	for _, p := range products() {
		first, err := p.make(npmDir)
		if err != nil {
			t.Fatal(err)
		}
		second, err := p.make(npmDir)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s differs from one conversion to the next: %v", p.name, err)
		}
		if hash(first) != p.sha256 {
			t.Errorf("%s: sha256 %s, pinned %s", p.name, hash(first), p.sha256)
		}
	}
}

func TestListAndRepair(t *testing.T) {
	dir := built(t)
	if err := Verify(dir); err != nil {
		t.Fatal(err)
	}
	victim := filepath.Join(dir, FaceDetection)
	if err := os.WriteFile(victim, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, Matte)); err != nil {
		t.Fatal(err)
	}
	list, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]State{
		FaceDetection: Corrupted, FaceLandmarks: OK, FaceLandmarksNative: OK, Matte: Missing, CanonicalFace: OK, FaceIdentity: OK,
	}
	for _, s := range list {
		if s.State != want[s.Name] || s.Purpose == "" || len(s.SHA256) != 64 {
			t.Errorf("%+v, want %s", s, want[s.Name])
		}
	}
	if err := Verify(dir); !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), FaceDetection) {
		t.Errorf("verify: %v", err)
	}
	if err := Build(t.Context(), npmDir, dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := Verify(dir); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
}

// TestOptional: serving does without the optional file, but not with a damaged one; it is built where its package is.
func TestOptional(t *testing.T) {
	dir := built(t)
	path := filepath.Join(dir, FaceIdentity)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := Verify(dir); err != nil {
		t.Errorf("missing: %v", err)
	}
	if err := Build(t.Context(), t.TempDir(), dir, nil); err != nil {
		t.Errorf("no package: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file appeared without its package: %v", err)
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Verify(dir); !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), FaceIdentity) {
		t.Errorf("damaged: %v", err)
	}
	if err := Build(t.Context(), npmDir, dir, nil); err != nil {
		t.Fatal(err)
	}
	list, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.State != OK || s.Optional != (s.Name == FaceIdentity) {
			t.Errorf("%+v", s)
		}
	}
}

func TestBuildFaults(t *testing.T) {
	err := Build(t.Context(), t.TempDir(), t.TempDir(), nil)
	if !errors.Is(err, ErrNoPackages) || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("no packages: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Build(ctx, npmDir, t.TempDir(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Build(t.Context(), npmDir, file, nil); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestParseTable(t *testing.T) {
	good := `x; loadPackage({"files": [{"filename": "/a/b.bin", "start": 2, "end": 5}], "size": 9});`
	files, err := parseTable(good, 9)
	if err != nil || len(files) != 1 || files[0].Start != 2 {
		t.Fatal(files, err)
	}
	p := packed{data: []byte("0123456789"), files: files}
	if b, err := p.file("b.bin"); err != nil || string(b) != "234" {
		t.Errorf("%q %v", b, err)
	}
	if _, err := p.file("c.bin"); err == nil {
		t.Error("a file that is not there was found")
	}
	for name, script := range map[string]string{
		"empty":    "",
		"cut":      good[:40],
		"outside":  strings.Replace(good, "5", "50", 1),
		"backward": strings.Replace(good, "2", "7", 1),
		"negative": strings.Replace(good, "2", "-2", 1),
	} {
		if _, err := parseTable(script, 9); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCanonicalFaults(t *testing.T) {
	for name, data := range map[string][]byte{
		"empty": {}, "key cut": {0x80}, "length over": {0x0a, 0x05, 0x00}, "wire type": {0x0f}, "number cut": {0x0a, 0x03, 0x1d, 0, 0},
		"corner over": {0x0a, 0x03, 0x20, 0xff, 0x7f}, "basis over": {0x12, 0x03, 0x08, 0xff, 0x7f},
	} {
		if out, err := canonical(data); err == nil {
			t.Errorf("%s: accepted as %q", name, out)
		}
	}
}

// TestAnchors checks the count and two known anchors.
func TestAnchors(t *testing.T) {
	a := anchorCentres(128)
	if len(a) != 2*896 || a[0] != 0.03125 || a[2*512] != 0.0625 || a[len(a)-1] != 0.9375 {
		t.Errorf("%d anchors, first %v, coarse %v, last %v", len(a)/2, a[0], a[2*512], a[len(a)-1])
	}
	for _, v := range a {
		if v <= 0 || v >= 1 || math.IsNaN(float64(v)) {
			t.Fatalf("anchor at %v", v)
		}
	}
}

// TestRefinedPoints: each head names distinct landmarks, and no landmark is named by two heads.
func TestRefinedPoints(t *testing.T) {
	seen := map[int]bool{}
	for i, head := range refinedPoints() {
		if len(head) != []int{80, 71, 71, 5, 5}[i] {
			t.Errorf("head %d has %d points", i, len(head))
		}
		for _, p := range head {
			if seen[p] || p < 0 || p >= allPoints {
				t.Errorf("head %d: point %d is named twice or out of range", i, p)
			}
			seen[p] = true
		}
	}
}
