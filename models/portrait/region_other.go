//go:build !(amd64 || arm64) || purego

package portrait

import "github.com/gioconda-live/gioconda/pipeline/frame"

func (r *Region) readInside([]float32, *frame.I420, *Alignment) bool { return false }

func toUnit(dst []float32, src []byte) { toUnitOne(dst, src) }
