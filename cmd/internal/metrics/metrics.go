// Package metrics tells what a running server does, in Prometheus' terms: counted where it happens, read when somebody asks.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// Metrics are the numbers of one server. Make them with New. Methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	stages   [trace.Stages]prometheus.Observer // index: the stage that ended
	total    prometheus.Observer
	refused  *prometheus.CounterVec
	panics   *prometheus.CounterVec
	requests *prometheus.CounterVec
}

// bounds of the histograms in seconds: half a millisecond to a second, finest about the time of a frame.
func bounds() []float64 {
	return []float64{.0005, .001, .002, .003, .004, .006, .008, .010, .013, .016, .020, .025, .033, .050, .075, .100, .200, .400, 1}
}

// New makes metrics that ask read for the state of the sessions whenever they are read.
func New(read func() State) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gioconda_refusals_total", Help: "Browsers that were refused or hung up on, by the code that they were told.",
		}, []string{"code"}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gioconda_panics_total", Help: "Faults of the program that ended one session or request, by where they were caught.",
		}, []string{"where"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gioconda_http_requests_total", Help: "Answers over HTTP, by status.",
		}, []string{"code"}),
	}
	stages := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "gioconda_stage_seconds", Help: "Time from the end of the stage before to the end of this one, of frames that a sample caused.",
		Buckets: bounds(),
	}, []string{"stage"})
	total := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "gioconda_frame_seconds", Help: "Time from a sample's arrival to the last packet of its frame.", Buckets: bounds(),
	})
	for s := trace.Received + 1; s < trace.Stages; s++ {
		m.stages[s] = stages.WithLabelValues(s.String())
	}
	m.total = total
	m.registry.MustRegister(
		stages, total, m.refused, m.panics, m.requests, collector{read},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Frame counts the stages of a frame that was sent. It does not allocate, block or keep the frame.
func (m *Metrics) Frame(f *trace.Frame) {
	if !f.HasSample {
		return
	}
	before := f.At[trace.Received]
	for s := trace.Received + 1; s < trace.Stages; s++ {
		if at := f.At[s]; !at.IsZero() {
			m.stages[s].Observe(at.Sub(before).Seconds())
			before = at
		}
	}
	if d := f.Between(trace.Received, trace.Sent); d > 0 {
		m.total.Observe(d.Seconds())
	}
}

// Refused counts a refusal. Codes are the program's own words, never a stranger's.
func (m *Metrics) Refused(code string) { m.refused.WithLabelValues(code).Inc() }

// Panicked counts a fault that was caught; where is one of the program's own words.
func (m *Metrics) Panicked(where string) { m.panics.WithLabelValues(where).Inc() }

// Requests counts the answers of h by their status.
func (m *Metrics) Requests(h http.Handler) http.Handler {
	return promhttp.InstrumentHandlerCounter(m.requests, h)
}

// Handler answers with all metrics, in the format that is asked for, three requests at a time and each within ten seconds.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 3, Timeout: 10 * time.Second})
}
