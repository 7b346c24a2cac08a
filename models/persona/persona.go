// Package persona makes a portrait ready: framing, landmarks, matte and textures, saved as one file.
package persona

import (
	"image"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// MaxViews is how many views a persona has at most.
const MaxViews = 16

// Persona is a portrait made ready. It is immutable once built or loaded, and may be shared by sessions.
type Persona struct {
	Manifest Manifest
	// View is the picture that is shown.
	View
	// Others are further pictures of the same person, at most MaxViews-1, for what View does not show: teeth, shut lids,
	// the sides of the head. Each is the View of a persona that Build made of its picture. Most personas have none.
	Others []View
	// Behind is what other pictures show of the background where the person covers it in View; nil: nothing is known.
	Behind *Behind
	// Triangles lists the face mesh of every view: indices into the landmarks, three per triangle.
	Triangles [][3]uint16
	// Sections holds what optional layers keep (appearance features), by name: up to 24 of a-z, 0-9, '.', '_', '-'.
	Sections map[string][]byte
}

// View is one picture of a person, made ready.
type View struct {
	// Crop is the square framing of head and shoulders, opaque sRGB, CropEdge x CropEdge pixels
	// (512 to 1024 as Build makes it, 32 to 1024 in a file). Bounds start at (0, 0), rows are packed; so are those
	// of Inside and Matte.
	Crop *image.RGBA
	// Inside tells which pixels of Crop came from the picture (255) and which were filled in beyond its edge (0).
	// Same size as Crop.
	Inside *image.Gray
	// Matte is the person's opacity in Crop (255 is person, 0 background), same size as Crop.
	Matte *image.Gray
	// Face is the face at rest as it is in this picture, in the frames of package motion.
	Face motion.Rest
	// Full is the whole picture and Place where Crop lies in it, for full framing. Full may be nil.
	Full  *Full
	Place Place
}

// Place is Crop's square in Full, in pixels of Full; it may reach beyond the picture.
type Place struct {
	X, Y, Edge float64
}

// Manifest says what a persona is and where it is from.
type Manifest struct {
	Version     int       `json:"version"` // FormatVersion
	ID          string    `json:"id"`      // 1 to 64 of a-z, 0-9 and '-'; names its file
	Name        string    `json:"name"`
	Created     time.Time `json:"created"`
	SourceName  string    `json:"source_name,omitempty"`
	SourceHash  string    `json:"source_sha256"`
	SourceSize  [2]int    `json:"source_size"`           // width and height, upright
	Attested    bool      `json:"attested"`              // the maker ticked "I may use this picture"
	AttestedAs  string    `json:"attested_as,omitempty"` // the sentence that was ticked
	Credit      string    `json:"credit,omitempty"`
	FaceCount   int       `json:"face_count"`
	FaceScore   float32   `json:"face_score"`
	Warnings    []Warning `json:"warnings,omitempty"`
	EyeDistance float32   `json:"eye_distance_px"` // between the eye centres, pixels of the source
}

// Warning is something the maker should know, in plain words.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}
