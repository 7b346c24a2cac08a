package portrait

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// ManifestName is the file that makes a folder a generator.
const ManifestName = "manifest.json"

// manifestVersion is the version of the contract that Manifest describes.
const manifestVersion = 1

// ErrGenerator: a folder holds no generator that can be used here. Errors that wrap it say in a sentence what is wrong
// and name the file or the port.
var ErrGenerator = errors.New("not a generator that can be used here")

// Manifest is the contract between a folder of networks and this package; README.md of models/train spells it out.
type Manifest struct {
	Version int      `json:"version"`
	Name    string   `json:"name"`
	Parts   []Part   `json:"parts"`
	Licence string   `json:"licence"`
	Data    []string `json:"data,omitempty"`     // what it was trained on
	Run     any      `json:"training,omitempty"` // seed, steps, hours, configuration: for people
	Figures any      `json:"figures,omitempty"`  // measured on people that training never saw: for people
}

// Part repaints one region with an encoder and a generator.
//
// Encoder, once per portrait: inputs picture [1 3 E E] and maps [1 M E E], 0..1; any outputs, the appearance.
// Generator, once per frame: inputs picture and maps likewise, and each output of the encoder under its own name;
// output difference [1 3 E E], added to the picture: R, G, B, 1 is the full range, zero where the mask is zero.
type Part struct {
	Region    Region `json:"region"`
	Maps      int    `json:"maps"` // planes, in the order of the constants here
	Encoder   File   `json:"encoder"`
	Generator File   `json:"generator"`
	Trust     *Trust `json:"trust,omitempty"` // nil: the generator is believed in whatever the mouth does
}

// Trust says how far open a mouth may be for the generator to be believed: in full up to Full, not at all from None on,
// in head units between the inner lips. Training data ends somewhere; beyond, the geometric layer is the better guess.
type Trust struct {
	Full float32 `json:"full"`
	None float32 `json:"none"`
}

// in is the share of the difference that counts at an opening.
func (t *Trust) in(gap float32) float32 {
	if t == nil {
		return 1
	}
	return 1 - smoothstep(t.Full, t.None, gap)
}

// File is a network beside the manifest.
type File struct {
	Name   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// ReadManifest reads and checks the manifest of dir, and that its files are there unchanged.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestName)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGenerator, err)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %s cannot be read: %w", ErrGenerator, path, err)
	}
	if m.Version != manifestVersion {
		return nil, fmt.Errorf("%w: %s has version %d, this program reads version %d; export the networks anew",
			ErrGenerator, path, m.Version, manifestVersion)
	}
	if len(m.Parts) == 0 {
		return nil, fmt.Errorf("%w: %s lists no parts", ErrGenerator, path)
	}
	for i := range m.Parts {
		if err := m.Parts[i].check(dir); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrGenerator, path, err)
		}
	}
	return &m, nil
}

func (p *Part) check(dir string) error {
	r := &p.Region
	switch {
	case r.Edge < 16 || r.Edge > 512 || r.Edge%2 != 0:
		return fmt.Errorf("region %q has an edge of %d pixels; use an even number from 16 to 512", r.Name, r.Edge)
	case !(r.Side > 0.1 && r.Side < 8) || !(abs(r.DX) < 4 && abs(r.DY) < 4):
		return fmt.Errorf("region %q of %v head units at (%v, %v) is not on a face", r.Name, r.Side, r.DX, r.DY)
	case p.Maps != MapPlanes:
		return fmt.Errorf("region %q wants %d map planes, this program draws %d", r.Name, p.Maps, MapPlanes)
	case p.Trust != nil && !(p.Trust.Full >= 0 && p.Trust.None > p.Trust.Full):
		return fmt.Errorf("region %q is trusted in full up to %v and not at all from %v, which must be more",
			r.Name, p.Trust.Full, p.Trust.None)
	}
	return errors.Join(p.Encoder.check(dir), p.Generator.check(dir))
}

// plain matches names that stay inside the folder.
func plain(name string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$`).MatchString(name)
}

func (f *File) check(dir string) error {
	if !plain(f.Name) {
		return fmt.Errorf("%q is no file name beside the manifest", f.Name)
	}
	b, err := os.ReadFile(filepath.Join(dir, f.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the network %s is missing", f.Name)
	} else if err != nil {
		return err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != f.SHA256 {
		return fmt.Errorf("the network %s is damaged or another one: its SHA-256 is not the manifest's", f.Name)
	}
	return nil
}
