package pipeline

import "sync/atomic"

// Counts are totals since the session began.
type Counts struct {
	Overwritten uint64 // samples that a newer one replaced before they were drawn
	Generated   uint64 // pictures drawn
	Undrawn     uint64 // pictures that the generator failed at
	FrameCounts        // of all renditions, also of those that have ended
	Renditions  []RenditionCounts
}

// FrameCounts is what became of the pictures that were drawn.
type FrameCounts struct {
	Encoded     uint64 // frames compressed
	Skipped     uint64 // pictures for which the encoder was too busy: a newer one came before it had begun
	RateDropped uint64 // pictures that the encoder's rate control dropped
	Failed      uint64 // pictures that the encoder failed at
	Unsent      uint64 // frames that a viewer's sink refused, once for each viewer
	Slow        uint64 // frames for which a viewer's sink took longer than SlowWrite, once for each viewer
}

func (f *FrameCounts) add(g *FrameCounts) {
	f.Encoded += g.Encoded
	f.Skipped += g.Skipped
	f.RateDropped += g.RateDropped
	f.Failed += g.Failed
	f.Unsent += g.Unsent
	f.Slow += g.Slow
}

// RenditionCounts are those of a rendition that somebody watches.
type RenditionCounts struct {
	Rendition
	Lowered    bool // for viewers that asked for more, but whose networks carry less
	Viewers    int
	BitrateBPS int // what its encoder aims at, 0 before its first frame
	FrameCounts
}

// counters are FrameCounts while they are counted. They are safe for concurrent use.
type counters struct {
	encoded, skipped, rateDropped, failed, unsent, slow atomic.Uint64
}

func (c *counters) counts() FrameCounts {
	return FrameCounts{
		Encoded: c.encoded.Load(), Skipped: c.skipped.Load(), RateDropped: c.rateDropped.Load(),
		Failed: c.failed.Load(), Unsent: c.unsent.Load(), Slow: c.slow.Load(),
	}
}

// Counts returns a snapshot.
func (s *Session) Counts() Counts {
	c := Counts{Overwritten: s.in.Dropped(), Generated: s.generated.Load(), Undrawn: s.undrawn.Load()}
	s.mu.Lock()
	c.FrameCounts = s.past
	running, ending := s.renditions, s.ending
	s.mu.Unlock()
	for _, r := range ending {
		counts := r.counted.counts()
		c.add(&counts)
	}
	for _, r := range running {
		one := RenditionCounts{
			Rendition: r.Rendition, Lowered: r.lowered, BitrateBPS: int(r.bitrate.Load()), Viewers: r.watchers(), FrameCounts: r.counted.counts(),
		}
		c.add(&one.FrameCounts)
		c.Renditions = append(c.Renditions, one)
	}
	return c
}
