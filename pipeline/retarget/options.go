// Package retarget turns what a driver's face does into what one portrait's face shall do: relative to the driver's
// own neutral, in proportion to the portrait's own face.
package retarget

import "github.com/gioconda-live/gioconda/pipeline/smooth"

// Mode says how the driver's landmarks are understood.
type Mode uint8

const (
	// Relative: only what differs from the driver's neutral counts. Any face drives any portrait.
	Relative Mode = iota
	// Absolute: the landmarks are used in image coordinates as they are, through Options.Placement.
	// For a driver and a portrait of the same person.
	Absolute
)

// Strength scales motion: 0 none, 1 as the driver does, at most 2. Values outside are clamped, NaN counts as 1.
type Strength struct{ Head, Mouth, Eyes, Brows float32 }

// Placement maps a driver's image to the portrait's crop in Absolute mode:
// crop = (p - (X, Y)) * Scale, p in units of the driver's image width. The zero value counts as Scale 1: the crop
// is the top left square of the driver's image.
type Placement struct{ X, Y, Scale float32 }

// Options of a Retargeter; all may be changed between two steps.
type Options struct {
	Strength Strength
	// Mirror moves the portrait as a mirror would: the driver's left is the picture's left.
	Mirror    bool
	Mode      Mode
	Placement Placement // Absolute only
	// FixedNeutral leaves the neutral alone after SetNeutral or Calibrate: no automatic neutral, no re-anchoring.
	FixedNeutral bool
	// Smoothing of the driver's face. Off passes landmarks through.
	Smoothing    smooth.Options
	SmoothingOff bool
}

// DefaultOptions are those of a live session.
func DefaultOptions() Options {
	return Options{
		Strength:  Strength{Head: 1, Mouth: 1, Eyes: 1, Brows: 1},
		Smoothing: smooth.DefaultOptions(),
	}
}

// bounded returns s with its values made usable.
func (s Strength) bounded() Strength {
	return Strength{bound(s.Head), bound(s.Mouth), bound(s.Eyes), bound(s.Brows)}
}

func bound(v float32) float32 {
	if v != v {
		return 1
	}
	return min(max(v, 0), 2)
}
