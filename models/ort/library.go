package ort

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// npmPackage is the folder of the npm package that brings the library.
const npmPackage = "onnxruntime-node"

// LibraryIn returns where the npm package onnxruntime-node, installed in npmDir (a node_modules folder), keeps the
// shared library for this machine. The file need not exist.
func LibraryIn(npmDir string) string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return filepath.Join(npmDir, npmPackage, "bin", "napi-v6", runtime.GOOS, arch, "libonnxruntime.so.1")
}

// pinned are the SHA-256 sums of the library in the npm package's version that package-lock.json names.
func pinned() map[string]string {
	return map[string]string{
		"linux/amd64": "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23",
		"linux/arm64": "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76",
	}
}

// checkLibrary refuses a library of the npm package that is not the pinned one: it was found, not named, perhaps in a folder that
// somebody else can write to, and loading it runs it. One that was named in another place is its namer's business.
func checkLibrary(path string) error {
	want, known := pinned()[runtime.GOOS+"/"+runtime.GOARCH]
	if !known || !strings.Contains(filepath.ToSlash(path), "/"+npmPackage+"/") {
		return nil
	}
	f, err := os.Open(path) //nolint:gosec // it is to be loaded
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoLibrary, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("%w: %s cannot be read: %w", ErrNoLibrary, path, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("%w: %s is not the library that belongs to this program (SHA-256 %.12s…, not %.12s…), so it is not loaded; "+
			"run \"npm ci --ignore-scripts --prefix models\" at the root of the project, or name a library of your own in models.library", ErrNoLibrary, path, got, want)
	}
	return nil
}
