package engine

import (
	"fmt"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/encode/h264"
	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/rtc"
)

// NewEncoder makes the encoder of a codec that rtc has negotiated.
func NewEncoder(codec string, c *pipeline.Config) (pipeline.Encoder, error) {
	switch codec {
	case rtc.CodecVP8:
		e := vp8.DefaultConfig()
		e.Width, e.Height, e.FPS, e.BitrateBPS = c.Size, c.Size, c.FPS, c.BitrateStart
		e.CPUUsed, e.Threads = c.CPUUsed, c.EncThreads
		return vp8.New(e)
	case rtc.CodecH264:
		e := h264.DefaultConfig()
		e.Width, e.Height, e.FPS, e.BitrateBPS = c.Size, c.Size, c.FPS, c.BitrateStart
		return h264.New(e)
	default:
		return nil, fmt.Errorf("no encoder for codec %q", codec)
	}
}
