package main

import (
	"fmt"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
)

// vision is the library with its folder of networks. Open networks are closed before it.
type vision struct {
	runtime *ort.Runtime
	dir     string
}

// openVision loads ONNX Runtime and checks that the networks are there.
func (a *app) openVision() (*vision, error) {
	if err := weights.Verify(a.cfg.Models.Dir); err != nil {
		return nil, fmt.Errorf("%w; run `gioconda models build` (or `make run`, which does it)", err)
	}
	if a.cfg.Models.Library == "" {
		return nil, fmt.Errorf("%w: its npm package is not installed; run `make run` once, or set models.library to libonnxruntime.so", ort.ErrNoLibrary)
	}
	rt, err := ort.New(a.cfg.Models.Library)
	if err != nil {
		return nil, err
	}
	a.log.Debug("ONNX Runtime", "version", rt.Version(), "library", a.cfg.Models.Library)
	return &vision{runtime: rt, dir: a.cfg.Models.Dir}, nil
}

func (v *vision) tracker() (*face.Tracker, error) { return face.NewTracker(v.runtime, v.dir) }

func (v *vision) Close() error { return v.runtime.Close() }
