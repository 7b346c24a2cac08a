package rtc

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/gioconda-live/gioconda/rtc/avsync"
)

// longestTrip is more than any round trip: a report that tells of one is wrong.
const longestTrip = 10 * time.Second

// roundTrip is how long a sender report and its answer were under way, by the newest answer among packets that came at now;
// false where there is none.
func roundTrip(packets []rtcp.Packet, now time.Time) (took time.Duration, ok bool) {
	for _, packet := range packets {
		r, is := packet.(*rtcp.ReceiverReport)
		if !is {
			continue
		}
		for i := range r.Reports {
			sent := r.Reports[i].LastSenderReport
			if sent == 0 { // no report of ours has come there yet
				continue
			}
			units := int32(uint32(avsync.NTP(now)>>16) - sent - r.Reports[i].Delay) // 1/65536 s, around the clock
			if d := time.Duration(max(units, 0)) * time.Second >> 16; d < longestTrip {
				took, ok = d, true
			}
		}
	}
	return took, ok
}
