package rtc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/pion/webrtc/v3"
)

// Events tells the browser that drives what happens, on its control channel. Methods are safe for concurrent use.
type Events struct{ to *channel }

// Send sends v, which encodes as {"event":"…",…}. It does not block. It fails with ErrClosed once the channel has ended, with
// ErrBacklog if the browser does not read.
func (e *Events) Send(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("rtc: event: %w", err)
	}
	return e.to.send(b)
}

// maxBacklog is how much may wait for a browser that does not read, in bytes.
const maxBacklog = 256 << 10

// channel is the sending side of a data channel, once the browser has opened it.
type channel struct {
	dc atomic.Pointer[webrtc.DataChannel]
}

// send hands over one text message and does not block.
func (c *channel) send(text []byte) error {
	dc := c.dc.Load()
	if dc == nil || dc.ReadyState() != webrtc.DataChannelStateOpen {
		return fmt.Errorf("%w: the browser has not opened this data channel", ErrClosed)
	}
	if dc.BufferedAmount() > maxBacklog {
		return fmt.Errorf("%w: %d bytes wait on %q", ErrBacklog, dc.BufferedAmount(), dc.Label())
	}
	if err := dc.SendText(string(text)); err != nil {
		if errors.Is(err, io.ErrClosedPipe) {
			return fmt.Errorf("%w: %q", ErrClosed, dc.Label())
		}
		return fmt.Errorf("rtc: send on %q: %w", dc.Label(), err)
	}
	return nil
}
