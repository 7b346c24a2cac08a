package encode

import (
	"fmt"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// raw is the encoder of those who want the picture itself: its three planes, one after another. Every frame is a keyframe.
type raw struct{ width, height int }

// Encode implements pipeline.Encoder.
func (r *raw) Encode(dst *frame.Encoded, src *frame.I420, _ time.Duration, _ bool) error {
	dst.Data, dst.Key = dst.Data[:0], false
	if src.Width != r.width || src.Height != r.height {
		return fmt.Errorf("encode: picture %dx%d, but %dx%d was asked for", src.Width, src.Height, r.width, r.height)
	}
	dst.Data = append(append(append(dst.Data, src.Y...), src.U...), src.V...)
	dst.Key = true
	return nil
}

// SetBitrate implements pipeline.Encoder: there is nothing to set.
func (r *raw) SetBitrate(int) error { return nil }

// SetRate implements pipeline.Encoder: there is nothing to set.
func (r *raw) SetRate(int) error { return nil }

// Close implements pipeline.Encoder.
func (r *raw) Close() error { return nil }
