package rtc

import (
	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/rtc/avsync"
)

// DiscardOutput is an Output without a browser: it packs frames into RTP and lets the packets go, for measuring everything
// up to the network.
func DiscardOutput(codec string) *Output {
	o := &Output{codec: codec, report: &reporter{}, counts: &Counters{}, shown: &avsync.Presentation{}, clock: &avsync.Clock{}}
	o.packets = packetizer{codec: codec, send: func(*rtp.Packet) error { return nil }}
	return o
}
