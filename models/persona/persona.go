// Package persona makes a portrait ready: framing, landmarks, matte and textures, saved as one file.
package persona

import (
	"image"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Persona is a portrait made ready. It is immutable once built or loaded, and may be shared by sessions.
type Persona struct {
	Manifest Manifest
	// Crop is the square framing of head and shoulders, opaque sRGB, CropEdge x CropEdge pixels
	// (between 256 and 1024, never more than the picture has plus a little).
	Crop *image.RGBA
	// Inside tells which pixels of Crop came from the picture (255) and which were filled in beyond its edge (0).
	// Same size as Crop.
	Inside *image.Gray
	// Matte is the person's opacity in Crop (255 is person, 0 background), same size as Crop.
	Matte *image.Gray
	// Face is the portrait's face at rest, in the frames of package motion.
	Face motion.Rest
	// Triangles lists the face mesh: indices into the landmarks, three per triangle.
	Triangles [][3]uint16
	// Full is the whole picture (longer side at most 2048) and Place where Crop lies in it, for full framing.
	Full  *image.RGBA
	Place Place
	// Sections holds what optional layers keep (appearance features), by name.
	Sections map[string][]byte
}

// Place is Crop's square in Full, in pixels of Full; it may reach beyond the picture.
type Place struct {
	X, Y, Edge float64
}

// Manifest says what a persona is and where it is from.
type Manifest struct {
	Version     int       `json:"version"`
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Created     time.Time `json:"created"`
	SourceName  string    `json:"source_name,omitempty"`
	SourceHash  string    `json:"source_sha256"`
	SourceSize  [2]int    `json:"source_size"`
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
