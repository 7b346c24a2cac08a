package rtc

import (
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// PlayoutDelayURI is the header extension by which a sender bounds the receiver's jitter buffer.
const PlayoutDelayURI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

// playoutDelay marks every packet with minimum and maximum delay 0: three zero bytes, twelve bits each in
// units of 10 ms. It keeps no state, so retransmissions may pass it from another goroutine.
type playoutDelay struct {
	interceptor.NoOp
	zero [3]byte
}

// NewInterceptor implements interceptor.Factory.
func (p *playoutDelay) NewInterceptor(string) (interceptor.Interceptor, error) { return p, nil }

// BindLocalStream writes the extension under the negotiated number, and nothing where it was not negotiated.
func (p *playoutDelay) BindLocalStream(
	info *interceptor.StreamInfo, next interceptor.RTPWriter,
) interceptor.RTPWriter {
	var id uint8
	for _, e := range info.RTPHeaderExtensions {
		if e.URI == PlayoutDelayURI {
			id = uint8(e.ID) // 1..14 by negotiation
		}
	}
	if id == 0 {
		return next
	}
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		if err := h.SetExtension(id, p.zero[:]); err != nil {
			return 0, err
		}
		return next.Write(h, payload, a)
	})
}
