package face

import (
	"errors"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"testing"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
)

// Folders relative to this one.
const (
	npmDir    = "../node_modules"
	sharedDir = "../../../shared"
	monaLisa  = "../../configs/monalisa.png"
)

// open gives a runtime and a freshly built model folder, or skips where the npm packages are not installed.
func open(tb testing.TB) (*ort.Runtime, string) {
	tb.Helper()
	dir := tb.TempDir()
	err := weights.Build(tb.Context(), npmDir, dir, nil)
	if errors.Is(err, weights.ErrNoPackages) {
		tb.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		tb.Fatal(err)
	}
	r, err := ort.New(ort.LibraryIn(npmDir))
	if errors.Is(err, ort.ErrNoLibrary) {
		tb.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, r)
	return r, dir
}

func closeAfter(tb testing.TB, c interface{ Close() error }) {
	tb.Helper()
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
}

func openTracker(tb testing.TB) *Tracker {
	tb.Helper()
	r, dir := open(tb)
	t, err := NewTracker(r, dir)
	if err != nil {
		tb.Fatal(err)
	}
	closeAfter(tb, t)
	return t
}

func readImage(tb testing.TB, path string) Image {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		tb.Fatal(err)
	}
	return FromImage(m)
}

// noise is a picture without a face.
func noise(w, h int) Image {
	m := Image{Pix: make([]byte, 4*w*h), Stride: 4 * w, Width: w, Height: h}
	x := uint32(1)
	for i := range m.Pix {
		x = x*1664525 + 1013904223
		m.Pix[i] = byte(x >> 24)
	}
	return m
}
