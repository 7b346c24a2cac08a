package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gioconda-live/gioconda/pipeline"
)

// State is what a server is doing at one moment.
type State struct {
	Sessions   int
	Free       int // further sessions that there is room for now
	Slowed     int // sessions that get fewer pictures because theirs cost more than their share
	Capacity   pipeline.Capacity
	Taken      pipeline.Cost // of Capacity.Budget
	Total      Totals
	Renditions []pipeline.RenditionCounts // that somebody watches
	Exits      map[string]int             // by state
	Ready      bool                       // a session could be opened, and a persona kept
	Alive      bool                       // the loop draws
	Cluster    *Cluster                   // nil: the server is alone
}

// Cluster is what a server sees of others.
type Cluster struct {
	Up        bool              // what they say is heard
	Nodes     int               // that live, this one included
	Redirects map[string]uint64 // visitors sent on, by what they came for
}

// Totals are sums over sessions, those that have ended included: they only grow.
type Totals struct {
	Sessions uint64 // that were opened
	Counts
}

// Counts are what one session has counted. The renditions of Totals are empty.
type Counts struct {
	pipeline.Counts
	Unpainted uint64 // pictures that the learned layer failed at
}

// Add sums up.
func (t *Totals) Add(c *Counts) {
	t.Overwritten += c.Overwritten
	t.Generated += c.Generated
	t.Undrawn += c.Undrawn
	t.Unpainted += c.Unpainted
	t.Encoded += c.Encoded
	t.Skipped += c.Skipped
	t.RateDropped += c.RateDropped
	t.Failed += c.Failed
	t.Unsent += c.Unsent
	t.Slow += c.Slow
}

// collector turns a State into metrics.
type collector struct{ read func() State }

var _ prometheus.Collector = collector{}

// Describe implements prometheus.Collector: it names nothing beforehand, since what there is depends on the state.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	s := c.read()
	send := func(kind prometheus.ValueType, name, help string, value float64, label ...string) {
		var names, values []string
		if len(label) == 2 {
			names, values = label[:1], label[1:]
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("gioconda_"+name, help, names, nil), kind, value, values...)
	}
	gauge := func(name, help string, value float64, label ...string) {
		send(prometheus.GaugeValue, name, help, value, label...)
	}
	count := func(name, help string, value uint64, label ...string) {
		send(prometheus.CounterValue, name, help, float64(value), label...)
	}
	gauge("alive", "1: the loop that draws has passed within a second.", truth(s.Alive))
	gauge("ready", "1: a session could be opened and a persona kept.", truth(s.Ready))
	gauge("sessions", "Sessions that are open.", float64(s.Sessions))
	gauge("sessions_free", "Further sessions that there is room for.", float64(s.Free))
	gauge("sessions_slowed", "Sessions that get fewer pictures because theirs cost more than their share.", float64(s.Slowed))
	const used = "Share of the time of a frame, less what is kept free, that open sessions were let in with."
	gauge("capacity_used_ratio", used, share(s.Taken.Loop.Seconds(), s.Capacity.Budget.Loop.Seconds()), "of", "loop")
	gauge("capacity_used_ratio", used, share(s.Taken.Cores.Seconds(), s.Capacity.Budget.Cores.Seconds()), "of", "cores")
	viewers, bps := 0, 0
	for i := range s.Renditions {
		viewers, bps = viewers+s.Renditions[i].Viewers, bps+s.Renditions[i].BitrateBPS
	}
	gauge("viewers", "Viewers of all sessions, drivers among them.", float64(viewers))
	gauge("renditions", "Encoders that run.", float64(len(s.Renditions)))
	gauge("bitrate_bps", "What the encoders aim at together.", float64(bps))
	for state, n := range s.Exits {
		gauge("exits", "Ways out of sessions, by state.", float64(n), "state", state)
	}
	if k := s.Cluster; k != nil {
		gauge("cluster_up", "1: NATS is reached, and with it the other nodes.", truth(k.Up))
		gauge("cluster_nodes", "Nodes that live, this one included.", float64(k.Nodes))
		for what, n := range k.Redirects {
			count("redirects_total", "Visitors sent to other nodes: a hello, a visitor who has to move, a request over HTTP.", n, "what", what)
		}
	}
	count("sessions_total", "Sessions that were opened.", s.Total.Sessions)
	count("samples_overwritten_total", "Samples that a newer one replaced before they were drawn.", s.Total.Overwritten)
	for what, n := range s.Total.frames() {
		count("frames_total", "Pictures and frames, by what became of them.", n, "what", what)
	}
}

// frames names what may become of a picture.
func (c *Counts) frames() map[string]uint64 {
	return map[string]uint64{
		"drawn": c.Generated, "undrawn": c.Undrawn, "unpainted": c.Unpainted, "encoded": c.Encoded, "skipped": c.Skipped,
		"rate_dropped": c.RateDropped, "failed": c.Failed, "unsent": c.Unsent, "slow": c.Slow,
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// share is a part of a whole, 0 of nothing.
func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}
