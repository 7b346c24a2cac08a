// Package weights turns the networks inside pinned npm packages into the files that Gioconda loads, and checks them.
//
// The conversion is deterministic: the sha256 of every output is pinned in this package, so that a server, a browser
// and a test run the same bytes. Nothing is downloaded here and nothing is written outside the folder given.
package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/pipeline/temporary"
)

// Names of the files in the model folder.
const (
	FaceDetection = "face_detection.onnx"
	FaceLandmarks = "face_landmarks.onnx"
	// FaceLandmarksNative gives what FaceLandmarks gives, sooner outside of browsers.
	FaceLandmarksNative = "face_landmarks_native.onnx"
	Matte               = "selfie_segmentation.onnx"
	CanonicalFace       = "canonical_face.json"
	// FaceIdentity is optional: it measures, and finds the stranger among several pictures of a person.
	FaceIdentity = "face_identity.onnx"
)

const installCommand = "npm ci --ignore-scripts --prefix models"

var (
	// ErrNoPackages says that the npm packages that hold the networks are not installed.
	ErrNoPackages = errors.New("the pinned npm packages are not installed")
	// ErrNotBuilt says that a model file is missing or is not the pinned one; Build makes it.
	ErrNotBuilt = errors.New("the models are not ready")
)

// State is the condition of one file.
type State string

// States of a file.
const (
	Missing   State = "missing"
	OK        State = "ok"
	Corrupted State = "corrupted"
)

// Status describes one file of the model folder. SHA256 is the pinned hash in hexadecimal; Size is that of the file on
// disk, 0 when it is missing. Serving does without an Optional file.
type Status struct {
	Name     string
	Purpose  string
	SHA256   string
	Size     int64
	State    State
	Optional bool
}

// Dir returns the default model folder: models under gioconda in the user's cache folder.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder is known: set XDG_CACHE_HOME or name a model folder: %w", err)
	}
	return filepath.Join(cache, "gioconda", "models"), nil
}

// List tells the condition of every file in dir, in a fixed order. It fails only where a file exists but cannot be read.
func List(dir string) ([]Status, error) {
	var list []Status
	for _, p := range products() {
		s := Status{Name: p.name, Purpose: p.purpose, SHA256: p.sha256, State: Missing, Optional: p.optional}
		data, err := os.ReadFile(filepath.Join(dir, p.name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("cannot read the models: %w", err)
		default:
			s.Size = int64(len(data))
			s.State = Corrupted
			if hash(data) == p.sha256 {
				s.State = OK
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// Verify returns nil when every file in dir is the pinned one; an optional file may also be missing. Otherwise the error
// wraps ErrNotBuilt and names the first file that is not.
func Verify(dir string) error {
	list, err := List(dir)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.State == OK || s.Optional && s.State == Missing {
			continue
		}
		return fmt.Errorf("%w: %s in %s is %s", ErrNotBuilt, s.Name, dir, s.State)
	}
	return nil
}

// Build converts the networks of the npm packages installed in npmDir (a node_modules folder) into dir, which it
// creates. Files that are already right are left alone. Each file appears whole or not at all. progress may be nil; it
// is called on the caller's goroutine before each file that is made, with its name and the count of files done so far and in all.
//
// An error wraps ErrNoPackages when the packages are absent, or ctx's error; files built before it are good. An optional
// file whose package is absent is left out.
func Build(ctx context.Context, npmDir, dir string, progress func(name string, done, of int)) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot create the model folder: %w", err)
	}
	temporary.Sweep(dir)
	list, err := List(dir)
	if err != nil {
		return err
	}
	all := products()
	for i, p := range all {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("the conversion was stopped before %s: %w", p.name, err)
		}
		if list[i].State == OK {
			continue
		}
		if progress != nil {
			progress(p.name, i, len(all))
		}
		err := build(p, npmDir, dir)
		if p.optional && errors.Is(err, ErrNoPackages) {
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot build %s: %w", p.name, err)
		}
	}
	return nil
}

func build(p product, npmDir, dir string) error {
	data, err := p.make(npmDir)
	if err != nil {
		return err
	}
	if got := hash(data); got != p.sha256 {
		return fmt.Errorf("its sha256 is %s instead of the pinned %s: the npm packages differ from the pinned ones; run %q",
			got, p.sha256, installCommand)
	}
	return temporary.Replace(filepath.Join(dir, p.name), 0o644, data)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
