package engine

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline"
)

// TestEngineLearnsFromWhatRuns: what sessions spend is what the next one is let in with; one whose frames are made costly does not
// decide for all, and neither does one that has hardly begun.
func TestEngineLearnsFromWhatRuns(t *testing.T) {
	const ms = time.Millisecond
	lately := func(first, second, encode time.Duration) pipeline.Spent {
		return pipeline.Spent{Pictures: 150, Painted: 100, First: 150 * first, Second: 100 * second, Encode: 150 * encode}
	}
	start := Speed{512, 30, 6 * ms, 5 * ms, 4 * ms}
	for name, c := range map[string]struct {
		seen []pipeline.Spent
		want Speed
	}{
		"nobody":              {nil, start},
		"as at the start":     {[]pipeline.Spent{lately(6*ms, 5*ms, 4*ms)}, start},
		"cheaper":             {[]pipeline.Spent{lately(5*ms, 4*ms, 3*ms), lately(4*ms, 4*ms, 3*ms), lately(5*ms, 4*ms, 3*ms)}, Speed{512, 30, 5 * ms, 4 * ms, 3 * ms}},
		"one costly of three": {[]pipeline.Spent{lately(40*ms, 5*ms, 4*ms), lately(6*ms, 5*ms, 4*ms), lately(6*ms, 5*ms, 4*ms)}, start},
		"a costly one alone":  {[]pipeline.Spent{lately(60*ms, 5*ms, 4*ms)}, Speed{512, 30, 9600 * time.Microsecond, 5 * ms, 4 * ms}},
		"just begun":          {[]pipeline.Spent{{Pictures: 3, Painted: 3, First: 300 * ms}}, start},
		"without the learned layer": {
			[]pipeline.Spent{{Pictures: 100, First: 500 * ms, Encode: 400 * ms}},
			Speed{512, 30, 5 * ms, 5 * ms, 4 * ms},
		},
	} {
		e := &Engine{Speed: start}
		for range 20 {
			e.Learn(append([]pipeline.Spent(nil), c.seen...))
		}
		got := e.Now()
		for _, d := range []time.Duration{got.Geometric - c.want.Geometric, got.Learned - c.want.Learned, got.Encode - c.want.Encode} {
			if d.Abs() > 10*time.Microsecond {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	}
}
