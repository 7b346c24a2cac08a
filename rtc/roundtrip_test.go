package rtc

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/gioconda-live/gioconda/rtc/avsync"
)

// TestRoundTrip: the time since a sender report, less what the other side kept it.
func TestRoundTrip(t *testing.T) {
	sent := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	report := func(last uint32, kept time.Duration) rtcp.Packet {
		return &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{LastSenderReport: last, Delay: uint32(kept * 65536 / time.Second)}}}
	}
	middle := uint32(avsync.NTP(sent) >> 16)
	for name, c := range map[string]struct {
		packet rtcp.Packet
		after  time.Duration
		took   time.Duration
		ok     bool
	}{
		"fast":        {report(middle, 0), time.Millisecond, time.Millisecond, true},
		"kept":        {report(middle, 2*time.Second), 2*time.Second + 40*time.Millisecond, 40 * time.Millisecond, true},
		"rounded off": {report(middle+1, 0), 0, 0, true},
		"none yet":    {report(0, 0), time.Second, 0, false},
		"absurd":      {report(middle, 0), time.Hour, 0, false},
		"other":       {&rtcp.PictureLossIndication{}, time.Second, 0, false},
	} {
		took, ok := roundTrip([]rtcp.Packet{c.packet}, sent.Add(c.after))
		if off := took - c.took; ok != c.ok || off < -50*time.Microsecond || off > 50*time.Microsecond {
			t.Errorf("%s: %v, %v, want %v, %v", name, took, ok, c.took, c.ok)
		}
	}
}
