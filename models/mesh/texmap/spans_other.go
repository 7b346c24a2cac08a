//go:build !(amd64 || arm64) || purego

package texmap

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func vectors(*Texture) bool { return false }

func (t *Texture) paint(f *frame.I420, bd, half planar.Band, luma, chroma *edges, g, gc *gradient, opaque bool, fade uint32) {
	t.paintOne(f, bd, half, luma, chroma, g, gc, opaque, fade)
}

func adds(*Difference) bool { return false }

func (d *Difference) add(f *frame.I420, rows, half planar.Band, left int, luma, chroma *edges, g, gc *gradient) {
	d.addOne(f, rows, half, left, luma, chroma, g, gc)
}
