package portrait

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// ManifestName is the file that makes a folder a generator.
const ManifestName = "manifest.json"

// manifestVersion is the version of the contract that Manifest describes.
const manifestVersion = 1

// ErrGenerator says that a folder holds no generator that can be used here. Errors that wrap it say in a sentence what is wrong
// and name the file or the port.
var ErrGenerator = errors.New("not a generator that can be used here")

// Manifest is the contract between a folder of networks and this package; README.md of models/train spells it out.
type Manifest struct {
	Version int      `json:"version"`
	Name    string   `json:"name"`
	Parts   []Part   `json:"parts"`
	Batches []int    `json:"batches,omitempty"` // sizes N that are prepared on a GPU; empty: the networks take one picture only
	Licence string   `json:"licence"`
	Data    []string `json:"data,omitempty"`     // what it was trained on
	Run     any      `json:"training,omitempty"` // seed, steps, hours, configuration: for people
	Figures any      `json:"figures,omitempty"`  // measured on people that training never saw: for people
}

// What a part's networks take and give.
const (
	KindDifference = "difference" // floats in, a difference of colour out; also the meaning of an empty kind
	KindPicture    = "picture"    // bytes in, the region's picture out
)

// Part repaints one region, E x E pixels, with an encoder and a generator. The generator runs once per frame; where the
// manifest lists batches its ports have the open first dimension N instead of 1. The encoder runs once per portrait,
// with the generator's inputs picture and maps for one; each of its outputs, float32 or uint8, is an input of the generator under
// the same name, N of them. Where there are no batches its first dimension may be another than 1.
//
// Kind difference: picture float32 [N 3 E E], R, G, B, 0..1; maps float32 [N M E E], 0..1; output difference float32
// [N 3 E E], added to the picture: R, G, B, 1 is the full range, zero where the mask is zero.
//
// Kind picture: picture uint8 [N 3E/2 E], I420: E rows of Y, then the E/2 rows of U, two to a row of the array, then those
// of V likewise (limited-range BT.601); maps uint8 [N M E/2 E/2]; one output of
// any name (ONNX allows it none of the inputs'), like the input picture. What it changes is added to the frame, faded out
// towards the region's border. E is a multiple of 4. A NaN inside such a network cannot be seen from outside.
type Part struct {
	Kind      string `json:"kind,omitempty"`
	Region    Region `json:"region"`
	Maps      int    `json:"maps"` // planes, in the order of the constants here
	Encoder   File   `json:"encoder"`
	Generator File   `json:"generator"`
	// Tuning computes what a step of Tuner needs: inputs picture, maps and truth (float32 [K 3 E E]; K is free) and, as float32, the
	// encoder's outputs; outputs error (float32 [K]) and NAME_gradient for each of these that is fitted. nil: it cannot be tuned.
	Tuning *File  `json:"tuning,omitempty"`
	Trust  *Trust `json:"trust,omitempty"` // nil: the generator is believed at every opening
}

// Trust says at which openings (Region.opening) the generator is believed: not at all up to From, in full from Sure to Full,
// not at all from None on. Where lips meet, geometry knows everything; wide open, training data ends somewhere.
type Trust struct {
	From float32 `json:"from,omitempty"`
	Sure float32 `json:"sure,omitempty"` // 0: believed from the start
	Full float32 `json:"full,omitempty"`
	None float32 `json:"none,omitempty"` // 0: no end
}

// in is the share of the difference that counts at an opening.
func (t *Trust) in(opening float32) float32 {
	share := float32(1)
	if t != nil && t.Sure > 0 {
		share = num.Smoothstep(t.From, t.Sure, opening)
	}
	if t != nil && t.None > 0 {
		share *= 1 - num.Smoothstep(t.Full, t.None, opening)
	}
	return share
}

// share is how far the part is believed in a state of a face.
func (p *part) share(st *motion.State) float32 { return p.trust.in(p.region.opening(st)) }

// check refuses thresholds that are out of order, and one without the other.
func (t *Trust) check(region string) error {
	switch {
	case t == nil:
	case *t == Trust{}:
		return fmt.Errorf("region %q has a trust without thresholds; leave it out", region)
	case (t.From != 0 || t.Sure != 0) && !(t.From >= 0 && t.Sure > t.From):
		return fmt.Errorf("region %q is not trusted up to %v and in full from %v, which must be more", region, t.From, t.Sure)
	case (t.Full != 0 || t.None != 0) && !(t.Full >= t.Sure && t.None > t.Full):
		return fmt.Errorf("region %q is trusted in full up to %v and not at all from %v, which must be more", region, t.Full, t.None)
	}
	return nil
}

// File is a network beside the manifest.
type File struct {
	Name   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// ReadManifest reads and checks the manifest of a generator's folder, and that its files are there unchanged.
func ReadManifest(dir fs.FS) (*Manifest, error) {
	const path = ManifestName
	b, err := fs.ReadFile(dir, path)
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
	for i, n := range m.Batches {
		if n < 1 || n > maxBatch || i > 0 && n <= m.Batches[i-1] {
			return nil, fmt.Errorf("%w: %s lists batches of %v; use growing sizes from 1 to %d", ErrGenerator, path, m.Batches, maxBatch)
		}
	}
	for i := range m.Parts {
		if err := m.Parts[i].check(dir); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrGenerator, path, err)
		}
	}
	return &m, nil
}

// maxBatch is the largest batch that a manifest may ask for.
const maxBatch = 64

func (p *Part) check(dir fs.FS) error {
	r := &p.Region
	switch {
	case !slices.Contains([]string{"", KindDifference, KindPicture}, p.Kind):
		return fmt.Errorf("region %q is of kind %q; this program knows %s and %s", r.Name, p.Kind, KindDifference, KindPicture)
	case p.Kind == KindPicture && r.Edge%4 != 0:
		return fmt.Errorf("region %q has an edge of %d pixels; a picture needs a multiple of 4", r.Name, r.Edge)
	case r.Edge < 16 || r.Edge > 512 || r.Edge%2 != 0:
		return fmt.Errorf("region %q has an edge of %d pixels; use an even number from 16 to 512", r.Name, r.Edge)
	case !(r.Side > 0.1 && r.Side < 8) || !(num.Abs(r.DX) < 4 && num.Abs(r.DY) < 4):
		return fmt.Errorf("region %q of %v head units at (%v, %v) is not on a face", r.Name, r.Side, r.DX, r.DY)
	case p.Maps != MapPlanes:
		return fmt.Errorf("region %q wants %d map planes, this program draws %d", r.Name, p.Maps, MapPlanes)
	}
	return errors.Join(p.Trust.check(r.Name), p.Encoder.check(dir), p.Generator.check(dir), p.Tuning.check(dir))
}

// plain matches names that stay inside the folder.
func plain(name string) bool {
	return regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$`).MatchString(name)
}

func (f *File) check(dir fs.FS) error {
	if f == nil {
		return nil
	}
	_, err := f.read(dir)
	return err
}

// read returns the file's bytes, if they are those that the manifest means.
func (f *File) read(dir fs.FS) ([]byte, error) {
	if !plain(f.Name) {
		return nil, fmt.Errorf("%q is no file name beside the manifest", f.Name)
	}
	b, err := fs.ReadFile(dir, f.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the network %s is missing", f.Name)
	} else if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("the network %s is damaged or another one: its SHA-256 is not the manifest's", f.Name)
	}
	return b, nil
}
