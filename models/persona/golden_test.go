package persona

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden file anew")
	flag.Parse()
	os.Exit(m.Run())
}

// goldenPersona is made of a picture by formula, with a face by formula: no network has a say in it.
func goldenPersona(tb testing.TB) *Persona {
	tb.Helper()
	f := &fakeDeps{faces: []Face{fakeFace(80, 88, 32, 0.1, 160)}}
	f.faces[0].Score = 0.95
	p, err := Build(tb.Context(), skinPicture(tb, 160, 200), "Some One", f.deps(),
		Options{MaxEdge: 64, SourceName: "some-one.jpg", Attested: true, Credit: "nobody", Created: aDay()}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	p.Manifest.Warnings = slices.DeleteFunc(p.Manifest.Warnings, func(w Warning) bool { return w.Code == CodeFaceUnclear }) // the file is older than that doubt
	p.Sections = map[string][]byte{"layer.a": {1, 2, 3}, "layer.b": {}}
	return p
}

// TestGoldenFile holds personas of one picture to the bytes that they had when there were only such: those of a picture
// made now, and those of the old file read and written again. Run with -update when personas shall come out otherwise, or
// when a new Go compresses otherwise.
func TestGoldenFile(t *testing.T) {
	path := filepath.Join("testdata", "one-view.persona")
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, fileOf(t, goldenPersona(t)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	sameFile(t, "read and written again", fileOf(t, p), want)
	if runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED, a picture was not made ready: other processors round sums of products otherwise")
	}
	sameFile(t, "made now", fileOf(t, goldenPersona(t)), want)
}

// sameFile compares two files and names the sections that differ.
func sameFile(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	t.Errorf("%s: %d bytes, want %d", what, len(got), len(want))
	a, aErr := parseTable(got, int64(len(got)))
	b, bErr := parseTable(want, int64(len(want)))
	if aErr != nil || bErr != nil {
		t.Fatal(aErr, bErr)
	}
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			t.Errorf("%s is missing", b[i].name)
		case i >= len(b):
			t.Errorf("%s was not there", a[i].name)
		case a[i].name != b[i].name || a[i].crc != b[i].crc:
			t.Errorf("%s of %d bytes stands where %s of %d bytes did", a[i].name, a[i].length, b[i].name, b[i].length)
		}
	}
}
