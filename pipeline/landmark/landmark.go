// Package landmark holds what a driver sends: one Sample of face landmarks, and its wire form.
//
// Coordinates are isotropic: x and y are in units of the driver's image WIDTH, origin at the top left, y down,
// so y runs from 0 to height/width; z is in units of image width too, smaller is nearer to the camera.
// Point indices are those of the MediaPipe face mesh: 468 of the skin, then 5 of each iris.
package landmark

// Count is the number of landmarks of one face: 468 on the skin, 468..472 the iris on the subject's right
// (left in an unmirrored image), 473..477 the iris on the subject's left; the first of each five is its centre.
const Count = 478

// SkinCount is the number of landmarks on the skin, without the irises.
const SkinCount = 468

// Point is one landmark; see the package comment for its units.
type Point struct{ X, Y, Z float32 }

// Flags say something about a whole Sample.
type Flags uint16

const (
	// FlagLost: no face was found in this image; Points are meaningless.
	FlagLost Flags = 1 << iota
	// FlagNeutral: the driver asks that this sample becomes the neutral.
	FlagNeutral
	// FlagMarker: Marker holds a code that was seen in the captured image.
	FlagMarker

	flagsKnown = FlagLost | FlagNeutral | FlagMarker
)

// Sample is one set of landmarks. It is a plain value without pointers, so it can be copied into
// preallocated room; whoever holds the variable owns it.
type Sample struct {
	Seq           uint32 // counts the driver's samples, wraps around
	Flags         Flags
	Marker        uint16  // valid with FlagMarker
	Score         float32 // face presence, 0..1
	CaptureMicros uint64  // when the image was captured, on the driver's clock
	Width, Height uint16  // of the driver's image, in pixels
	Points        [Count]Point
}

// Lost tells that the driver's tracker saw no face.
func (s *Sample) Lost() bool { return s.Flags&FlagLost != 0 }

// Newer tells whether sequence number a comes after b, across the wrap at 2^32 (RFC 1982 arithmetic).
func Newer(a, b uint32) bool { return int32(a-b) > 0 }
