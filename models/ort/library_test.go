//go:build cgo

package ort

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestForeignLibraryIsNotLoaded puts another library where the program looks for its own, as somebody might in a folder above the one
// that a program is started in.
func TestForeignLibraryIsNotLoaded(t *testing.T) {
	path := LibraryIn(filepath.Join(t.TempDir(), "models", "node_modules"))
	if _, known := pinned()["linux/amd64"]; !known {
		t.Fatal("nothing is pinned")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("\x7fELF somebody else's"), 0o755); err != nil { //nolint:gosec // a library is executable
		t.Fatal(err)
	}
	rt, err := New(path)
	if err == nil {
		_ = rt.Close()
	}
	if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "belongs to this program") {
		t.Errorf("%v", err)
	}
}
