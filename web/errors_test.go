package web

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
)

// TestDescribe: errors of personas and pictures come with their code, a status that suits it and their own sentence.
func TestDescribe(t *testing.T) {
	for code, want := range map[string]int{
		persona.CodeUnknown: 404, persona.CodeBuiltin: 409,
		intake.CodeTooLargeBytes: 413, intake.CodeTooLargePixels: 413,
		intake.CodeNotAnImage: 415, intake.CodeUnsupportedFormat: 415, intake.CodeUnsupportedHEIC: 415, intake.CodeUnsupportedAVIF: 415,
		persona.CodeNoFace: 422, persona.CodeCorrupted: 422, intake.CodeEmpty: 422,
		persona.CodeNotSaved: 500, persona.CodeDiskFull: 507,
	} {
		err := fmt.Errorf("making it: %w", intake.NewError(code, "A sentence.", errors.New("cause")))
		if status, e := describe(err); status != want || e != (apiError{code, "A sentence."}) {
			t.Errorf("%s: %d, %+v; want %d", code, status, e, want)
		}
	}
	if status, e := describe(errors.New("disk on fire")); status != 500 || e.Code != "internal" {
		t.Errorf("a fault of the server's own: %d, %+v", status, e)
	}
}
