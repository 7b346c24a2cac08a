// Package encode makes the encoder of a rendition: it is where the codecs and the pipeline meet.
package encode

import (
	"fmt"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/encode/h264"
	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
)

// New returns the maker of encoders with the settings of c. It fails with pipeline.ErrRendition for a codec that there is
// not. The caller closes what it gets.
func New(c pipeline.Config) pipeline.Encoders {
	return func(r pipeline.Rendition) (pipeline.Encoder, error) {
		start := min(c.BitrateStart, r.MaxBPS)
		width, height := r.Size()
		switch r.Codec {
		case pipeline.VP8:
			e := vp8.DefaultConfig()
			e.Width, e.Height, e.FPS, e.BitrateBPS = width, height, c.FPS, start
			e.CPUUsed, e.Threads = c.CPUUsed, c.EncThreads
			e.MinQuantizer = finest(r)
			if r.Alpha { // a matte that is left as it was is a halo
				e.ThriftThreshold = e.StaticThreshold
			}
			return vp8.New(e)
		case pipeline.H264:
			e := h264.DefaultConfig()
			e.Width, e.Height, e.FPS, e.BitrateBPS = width, height, c.FPS, start
			return h264.New(e)
		case pipeline.Raw:
			return &raw{width, height}, nil
		default:
			return nil, fmt.Errorf("%w: no encoder for codec %q", pipeline.ErrRendition, r.Codec)
		}
	}
}

// largeEdge is from where on pictures are not enlarged much where they are watched.
const largeEdge = 480

// finest is how finely VP8 may quantise. A small picture is enlarged, and its faults with it; a matte's become halos.
func finest(r pipeline.Rendition) int {
	if r.Alpha || r.Edge < largeEdge {
		return 4
	}
	return vp8.DefaultConfig().MinQuantizer
}
