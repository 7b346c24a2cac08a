package rtc

import "sync/atomic"

// Counters add up what went through the peers of one session. Share one by all peers that drive the same session, one
// after the other: their reports count from its start. Safe for concurrent use.
type Counters struct {
	samples, malformed, stale, fast atomic.Uint64
	frames, bytes                   atomic.Uint64
	sounds                          atomic.Uint64
}

// Counts are Counters at one moment.
type Counts struct {
	Samples   uint64 // landmark samples that were put into the mailbox
	Malformed uint64 // those that did not decode,
	Stale     uint64 // came after a newer one, or twice,
	Fast      uint64 // and were more than Config.SampleRate a second
	Frames    uint64 // compressed pictures that were sent
	Bytes     uint64 // in them
	Sounds    uint64 // packets of the driver's microphone
}

// Counts reads the counters.
func (c *Counters) Counts() Counts {
	return Counts{
		Samples: c.samples.Load(), Malformed: c.malformed.Load(), Stale: c.stale.Load(), Fast: c.fast.Load(),
		Frames: c.frames.Load(), Bytes: c.bytes.Load(), Sounds: c.sounds.Load(),
	}
}
