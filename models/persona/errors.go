package persona

import (
	"errors"
	"fmt"

	"github.com/gioconda-live/gioconda/models/persona/intake"
)

// Error is a refusal in one plain sentence, with a code for machines; pictures are refused with the codes of package
// intake or those below.
type Error = intake.Error

// Codes of refusals by this package.
const (
	CodeNoFace      = "no_face"           // nothing in the picture looks like a face
	CodeFaceSmall   = "face_small"        // also a Warning
	CodeProfile     = "profile"           // also a Warning
	CodeOnItsSide   = "on_its_side"       // the picture is not upright
	CodeFaceCut     = "face_cut"          // also a Warning
	CodeFaceUnclear = "face_unclear"      // also a Warning
	CodeNotAttested = "not_attested"      // for those who ask for the tick before they build
	CodeCorrupted   = "persona_corrupted" // a file that is none, or was changed
	CodeTruncated   = "persona_truncated"
	CodeVersion     = "persona_version"
	CodeUnknown     = "persona_unknown"
	CodeBuiltin     = "builtin"
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
	WarnTilted       = "tilted"
	WarnDark         = "dark"
)

// Attestation is the sentence that a maker ticks.
const Attestation = "I may use this picture"

// NotAttested answers a maker who has not ticked it.
func NotAttested() *Error {
	return refuse(CodeNotAttested, "Confirm that you may use this picture (%q) before it becomes a persona.", Attestation)
}

// Status is the HTTP status that suits an error of this package or of package intake; 500 for others.
func Status(err error) int {
	var e *Error
	if !errors.As(err, &e) {
		return 500
	}
	switch e.Code() {
	case intake.CodeTooLargeBytes, intake.CodeTooLargePixels:
		return 413
	case intake.CodeUnsupportedFormat, intake.CodeUnsupportedHEIC, intake.CodeUnsupportedAVIF, intake.CodeNotAnImage:
		return 415
	case CodeUnknown:
		return 404
	case CodeBuiltin:
		return 409
	case CodeDiskFull:
		return 507
	case CodeNotSaved:
		return 500
	}
	return 422
}

func refuse(code, format string, args ...any) *Error {
	return intake.NewError(code, fmt.Sprintf(format, args...), nil)
}

func refuseFor(cause error, code, format string, args ...any) *Error {
	return intake.NewError(code, fmt.Sprintf(format, args...), cause)
}
