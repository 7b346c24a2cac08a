package stats

import (
	"slices"
	"time"
)

// Summary describes a series of durations in milliseconds.
type Summary struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// Summarise describes a series; it sorts d.
func Summarise(d []time.Duration) Summary {
	if len(d) == 0 {
		return Summary{}
	}
	slices.Sort(d)
	at := func(q float64) float64 {
		return float64(d[min(len(d)-1, int(q*float64(len(d))))].Microseconds()) / 1000
	}
	return Summary{Count: len(d), P50: at(0.50), P95: at(0.95), P99: at(0.99), Max: at(1)}
}

// Millis is a duration in milliseconds, with three decimals at most.
func Millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Median is the upper median of a series that is not empty; it sorts d.
func Median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
