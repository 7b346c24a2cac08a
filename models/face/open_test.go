package face

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"sync"
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

// networks are built and opened when the first test asks, and serve all.
var networks = sync.OnceValues(openNetworks) //nolint:gochecknoglobals // the package's tests share no other place

func openNetworks() (n *Networks, err error) {
	dir, err := os.MkdirTemp("", "gioconda-networks-*")
	if err != nil {
		return nil, err
	}
	if err = weights.Build(context.Background(), npmDir, dir, nil); err == nil {
		n, err = OpenNetworks(ort.LibraryIn(npmDir), dir)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return n, nil
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden files anew")
	flag.Parse()
	code := m.Run()
	if n, err := networks(); err == nil {
		// ONNX Runtime does not close while a test has left a session open.
		if err := errors.Join(n.Close(), os.RemoveAll(n.Dir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// open gives the runtime and a model folder built by this code, or skips where the npm packages are not installed.
func open(tb testing.TB) (*ort.Runtime, string) {
	tb.Helper()
	n, err := networks()
	if errors.Is(err, weights.ErrNoPackages) || errors.Is(err, ort.ErrNoLibrary) {
		tb.Skipf("SKIPPED, nothing was tested: %v", err)
	} else if err != nil {
		tb.Fatal(err)
	}
	return n.Runtime, n.Dir
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
