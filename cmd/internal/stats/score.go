// Package stats sums measured numbers up: scores, means, durations, and how they are written.
package stats

import (
	"encoding/json"
	"fmt"
	"math"
)

// Score is a measured number; one that is not a number was not judged, and is null in JSON.
type Score float64

// Unknown is the score of what was not judged.
func Unknown() Score { return Score(math.NaN()) }

// Known tells whether it was judged.
func (s Score) Known() bool { return !math.IsNaN(float64(s)) }

// MarshalJSON writes the number, or null.
func (s Score) MarshalJSON() ([]byte, error) {
	if !s.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(s))
}

// Text is the number with three decimals, or what stands for none.
func (s Score) Text(none string) string {
	if !s.Known() {
		return none
	}
	return fmt.Sprintf("%.3f", float64(s))
}

// Least is the smaller of both, or v when s is not known.
func (s Score) Least(v float64) Score {
	if s.Known() {
		v = min(float64(s), v)
	}
	return Score(v)
}

// Mean is a running mean.
type Mean struct {
	sum   float64
	Count int // numbers added
}

// Add takes one number more.
func (m *Mean) Add(v float64) { m.sum, m.Count = m.sum+v, m.Count+1 }

// Score is the mean so far, Unknown of nothing.
func (m *Mean) Score() Score {
	if m.Count == 0 {
		return Unknown()
	}
	return Score(m.sum / float64(m.Count))
}
