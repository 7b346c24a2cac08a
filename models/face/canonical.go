package face

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// ErrCanonical says that the file of the canonical mesh is missing or damaged.
var ErrCanonical = errors.New("the canonical face cannot be read")

// Canonical is the mean face behind the landmarks: one vertex per skin landmark, with the same index. It is immutable
// by convention: share it, do not write to it.
type Canonical struct {
	// Vertices are x, y, z in centimetres: x to the right in the picture, y up, z towards the viewer.
	Vertices [landmark.SkinCount]landmark.Point
	// UV are texture coordinates in 0..1; v points up.
	UV [landmark.SkinCount][2]float32
	// Triangles hold three vertex indices each.
	Triangles [][3]uint16
	// Rigid are the landmarks that follow the skull, with their weights in a rigid fit.
	Rigid []WeightedLandmark
}

// WeightedLandmark is a landmark index and its weight in a fit.
type WeightedLandmark struct {
	Landmark int     `json:"landmark"`
	Weight   float32 `json:"weight"`
}

// LoadCanonical reads the mesh from dir, a model folder made by package weights. Errors wrap ErrCanonical.
func LoadCanonical(dir string) (*Canonical, error) {
	data, err := os.ReadFile(filepath.Join(dir, weights.CanonicalFace))
	if err != nil {
		return nil, fmt.Errorf("%w: %w; \"gioconda models build\" makes it", ErrCanonical, err)
	}
	var file struct {
		Vertices  [][3]float32       `json:"vertices"`
		UV        [][2]float32       `json:"uv"`
		Triangles [][3]uint16        `json:"triangles"`
		Basis     []WeightedLandmark `json:"basis"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%w: %w; \"gioconda models build\" makes it anew", ErrCanonical, err)
	}
	if len(file.Vertices) != landmark.SkinCount || len(file.UV) != landmark.SkinCount || len(file.Triangles) == 0 {
		return nil, fmt.Errorf("%w: it has %d vertices; \"gioconda models build\" makes it anew",
			ErrCanonical, len(file.Vertices))
	}
	c := &Canonical{UV: [landmark.SkinCount][2]float32(file.UV), Triangles: file.Triangles, Rigid: file.Basis}
	for i, v := range file.Vertices {
		c.Vertices[i] = landmark.Point{X: v[0], Y: v[1], Z: v[2]}
	}
	for _, t := range c.Triangles {
		if max(t[0], t[1], t[2]) >= landmark.SkinCount {
			return nil, fmt.Errorf("%w: a triangle names no vertex", ErrCanonical)
		}
	}
	for _, r := range c.Rigid {
		if r.Landmark < 0 || r.Landmark >= landmark.SkinCount {
			return nil, fmt.Errorf("%w: a rigid point names no vertex", ErrCanonical)
		}
	}
	return c, nil
}
