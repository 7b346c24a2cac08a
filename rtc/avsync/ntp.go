package avsync

import "time"

// ntpEpoch is 1970 in seconds since 1900, from where NTP counts.
const ntpEpoch = 2_208_988_800

// UnixMicros is an NTP time, 32 bits of seconds and 32 of their fraction, as microseconds since 1970.
func UnixMicros(ntp uint64) float64 { return (float64(ntp)/(1<<32) - ntpEpoch) * 1e6 }

// NTP is the reverse, without the loss of a float.
func NTP(t time.Time) uint64 {
	ns := uint64(t.Nanosecond())
	return uint64(t.Unix()+ntpEpoch)<<32 | ns<<32/1e9
}
