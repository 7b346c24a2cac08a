package face

import (
	"fmt"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
)

// Networks is ONNX Runtime with the folder of converted networks. What its methods open is closed before it.
type Networks struct {
	Runtime *ort.Runtime
	Dir     string
}

// OpenNetworks loads ONNX Runtime from library and checks that the networks are in dir. It fails with weights.ErrNotBuilt and
// ort.ErrNoLibrary; the sentences say what to run.
func OpenNetworks(library, dir string) (*Networks, error) {
	if err := weights.Verify(dir); err != nil {
		return nil, fmt.Errorf("%w; run `gioconda models build` (or `make run`, which does it)", err)
	}
	if library == "" {
		return nil, fmt.Errorf("%w: its npm package is not installed; run `make run` once, or set models.library to libonnxruntime.so", ort.ErrNoLibrary)
	}
	rt, err := ort.New(library)
	if err != nil {
		return nil, err
	}
	return &Networks{Runtime: rt, Dir: dir}, nil
}

// Tracker opens a tracker of one face in film; the caller closes it.
func (n *Networks) Tracker() (*Tracker, error) { return NewTracker(n.Runtime, n.Dir) }

// Matte opens what separates people from background; the caller closes it.
func (n *Networks) Matte() (*Matte, error) { return NewMatte(n.Runtime, n.Dir) }

// Identity opens what tells people apart; the caller closes it.
func (n *Networks) Identity() (*Identity, error) { return NewIdentity(n.Runtime, n.Dir) }

// Close frees ONNX Runtime.
func (n *Networks) Close() error { return n.Runtime.Close() }
