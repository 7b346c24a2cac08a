package soak

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// State is what a server takes.
type State struct {
	RSS         float64 `json:"rss"`  // bytes
	Heap        float64 `json:"heap"` // bytes in use
	Goroutines  float64 `json:"goroutines"`
	Descriptors float64 `json:"descriptors"`
	Sessions    float64 `json:"sessions"`
	Panics      float64 `json:"panics"`
}

// Window is what was seen in one stretch of time.
type Window struct {
	At  time.Duration `json:"at"`  // of its end, since the start
	FPS float64       `json:"fps"` // of the visitor that stays
	P50 float64       `json:"p50_ms"`
	P95 float64       `json:"p95_ms"` // from a sample's arrival to the last packet of its frame
	State
}

// Report is what a soak has seen.
type Report struct {
	Before  State    `json:"before"`
	Windows []Window `json:"windows"`
	After   State    `json:"after"`   // when all had left
	Stopped bool     `json:"stopped"` // before its time: After says nothing about what stays
	Came    uint64   `json:"came"`
	Refused uint64   `json:"refused"`
	Failed  uint64   `json:"failed"`
}

func (w *Window) measure(took []time.Duration, long time.Duration) {
	w.FPS = float64(len(took)) / long.Seconds()
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	w.P50, w.P95 = stats.Millis(took[len(took)/2]), stats.Millis(took[len(took)*95/100])
}

// String is a window as one line.
func (w *Window) String() string {
	return fmt.Sprintf("%8s  %4.1f fps, p50 %5.1f ms, p95 %5.1f ms  RSS %4.0f MB, heap %3.0f MB, %3.0f goroutines, %3.0f descriptors",
		w.At, w.FPS, w.P50, w.P95, w.RSS/1e6, w.Heap/1e6, w.Goroutines, w.Descriptors)
}

// What a server must keep to.
const (
	warm        = 30 * time.Minute // memory may still grow
	slopeMost   = 1e6              // bytes of RSS an hour
	moreMost    = 5                // goroutines and descriptors more than before, when all have left
	slowerMost  = 1.25             // p95 of the last third over that of the first
	fewestForIt = 6                // windows
)

// Slope is how the RSS grows after the first half hour, in bytes an hour; ok is false where too little was seen.
func (r *Report) Slope() (perHour float64, ok bool) {
	var x, y []float64
	for i := range r.Windows {
		if w := &r.Windows[i]; w.At >= warm {
			x, y = append(x, w.At.Hours()), append(y, w.RSS)
		}
	}
	if len(x) < fewestForIt {
		return 0, false
	}
	return slope(x, y), true
}

// slope is that of the line with the least squares.
func slope(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xy, xx float64
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}

func mean(v []float64) (m float64) {
	for _, a := range v {
		m += a / float64(len(v))
	}
	return m
}

// Slower is the median p95 of the last third of the windows over that of the first.
func (r *Report) Slower() (ratio float64, ok bool) {
	n := len(r.Windows) / 3
	if n < fewestForIt/3 {
		return 0, false
	}
	first, last := p95(r.Windows[:n]), p95(r.Windows[len(r.Windows)-n:])
	return last / first, first > 0
}

func p95(w []Window) float64 {
	var v []float64
	for i := range w {
		v = append(v, w[i].P95)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// Faults are sentences about what did not stay as it was.
func (r *Report) Faults() (list []string) {
	say := func(format string, a ...any) { list = append(list, fmt.Sprintf(format, a...)) }
	if s, ok := r.Slope(); ok && s > slopeMost {
		say("RSS grows by %.1f MB an hour", s/1e6)
	}
	if x, ok := r.Slower(); ok && x > slowerMost {
		say("p95 is %.2f times what it was at first", x)
	}
	if d := r.After.Goroutines - r.Before.Goroutines; d > moreMost && !r.Stopped {
		say("%.0f goroutines stay", d)
	}
	if d := r.After.Descriptors - r.Before.Descriptors; d > moreMost && !r.Stopped {
		say("%.0f descriptors stay open", d)
	}
	if d := r.After.Sessions - r.Before.Sessions; d > 0 && !r.Stopped {
		say("%.0f sessions stay", d)
	}
	if d := r.After.Panics - r.Before.Panics; d > 0 {
		say("%.0f faults were caught", d)
	}
	if r.Failed > 0 {
		say("%d visits failed", r.Failed)
	}
	return list
}

// Print writes what was seen, and what is wrong with it.
func (r *Report) Print(out io.Writer) {
	fmt.Fprintf(out, "%d visitors came, %d were refused, %d visits failed\n", r.Came, r.Refused, r.Failed)
	if s, ok := r.Slope(); ok {
		fmt.Fprintf(out, "RSS after the first half hour: %+.2f MB an hour\n", s/1e6)
	}
	if x, ok := r.Slower(); ok {
		fmt.Fprintf(out, "p95 of the last third over the first: %.2f\n", x)
	}
	fmt.Fprintf(out, "before and after: RSS %.0f, %.0f MB; goroutines %.0f, %.0f; descriptors %.0f, %.0f\n", r.Before.RSS/1e6, r.After.RSS/1e6,
		r.Before.Goroutines, r.After.Goroutines, r.Before.Descriptors, r.After.Descriptors)
	for _, f := range r.Faults() {
		fmt.Fprintln(out, "FAULT:", f)
	}
}

// scrape reads a server's metrics.
func scrape(ctx context.Context, from string) (s State, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return s, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return s, fmt.Errorf("the metrics cannot be read; start the server with metrics.listen: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return s, fmt.Errorf("%s answers %s; is it the address of metrics.listen, with /metrics?", from, answer.Status)
	}
	return parse(io.LimitReader(answer.Body, 4<<20))
}

// parse reads the lines that a State is made of.
func parse(text io.Reader) (s State, err error) {
	want := map[string]*float64{
		"process_resident_memory_bytes": &s.RSS, "go_memstats_heap_inuse_bytes": &s.Heap, "go_goroutines": &s.Goroutines,
		"process_open_fds": &s.Descriptors, "gioconda_sessions": &s.Sessions, "gioconda_panics_total": &s.Panics,
	}
	found := 0
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		name, _, _ = strings.Cut(name, "{")
		if to := want[name]; to != nil {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return s, fmt.Errorf("metric %s: %w", name, err)
			}
			*to += v // of all labels
			found++
		}
	}
	if found < len(want)-1 { // nothing has panicked yet
		return s, fmt.Errorf("these are not a server's metrics: %d of %d were found", found, len(want))
	}
	return s, lines.Err()
}
