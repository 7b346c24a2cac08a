package persona

import (
	"fmt"

	"github.com/gioconda-live/gioconda/models/persona/intake"
)

// Error is a refusal in one plain sentence, with a code for machines; pictures are refused with the codes of package
// intake or those below.
type Error = intake.Error

// Codes of refusals by this package.
const (
	CodeNoFace      = "no_face"           // nothing in the picture looks like a face
	CodeFaceNumber  = "face_number"       // there are fewer faces than that
	CodeFaceSmall   = "face_small"        // also a Warning
	CodeProfile     = "profile"           // also a Warning
	CodeOnItsSide   = "on_its_side"       // the picture is not upright
	CodeFaceCut     = "face_cut"          // also a Warning
	CodeFaceUnclear = "face_unclear"      // also a Warning
	CodeCorrupted   = "persona_corrupted" // a file that is none, or was changed
	CodeTruncated   = "persona_truncated"
	CodeVersion     = "persona_version"
	CodeUnknown     = "persona_unknown"
	CodeBuiltin     = "builtin"
	CodeBadName     = "bad_name"
	CodeDiskFull    = "disk_full"
	CodeNotSaved    = "not_saved"
)

// Codes that are only warnings.
const (
	WarnSeveralFaces = "several_faces"
	WarnEyesClosed   = "eyes_closed"
	WarnMouthOpen    = "mouth_open"
	WarnMouthCovered = "mouth_covered"
	WarnHeadCut      = "head_cut"
	WarnTight        = "tight"
	WarnBackground   = "background_unclear"
	WarnTilted       = "tilted"
	WarnDark         = "dark"
)

// Attestation is the sentence that a maker ticks.
const Attestation = "I may use this picture"

func refuse(code, format string, args ...any) *Error {
	return intake.NewError(code, fmt.Sprintf(format, args...), nil)
}

func refuseFor(cause error, code, format string, args ...any) *Error {
	return intake.NewError(code, fmt.Sprintf(format, args...), cause)
}
