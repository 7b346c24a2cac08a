package rtc

import (
	"math"
	"sync/atomic"
	"time"
)

// driverClock puts times that the driver's browser told on this machine's clock. The browser says with its pings how far the
// clocks are apart, which nobody else can know. Methods are safe for concurrent use; before the first word they know nothing.
type driverClock struct {
	epoch time.Time // of this server's times on the wire
	told  atomic.Pointer[clockOffsets]
}

// clockOffsets are in microseconds.
type clockOffsets struct {
	server float64 // server's clock on the wire less the browser's
	wall   float64 // browser's time since 1970 less its clock on the wire
}

const (
	// maxTravel is how long something may have been on its way; what says more is not believed.
	maxTravel = 2 * time.Second
	// clockError is how far in the future something may lie, since the clocks are known only so well.
	clockError = 50 * time.Millisecond
)

// learn takes what a ping says; offsets that no clocks have are ignored.
func (c *driverClock) learn(o clockOffsets) {
	const century = 100 * 365 * 24 * 3600 * 1e6
	if math.Abs(o.server) < century && math.Abs(o.wall) < century {
		c.told.Store(&o)
	}
}

// captured is when something happened that the browser's clock stamps so and that was received at a time; zero if that
// cannot be known.
func (c *driverClock) captured(micros uint64, received time.Time) time.Time {
	o := c.told.Load()
	if o == nil || micros == 0 || micros > math.MaxInt64/2000 {
		return time.Time{}
	}
	return c.plausible(float64(micros)+o.server, received)
}

// wall is the same for a time since 1970, in microseconds.
func (c *driverClock) wall(micros float64, received time.Time) time.Time {
	o := c.told.Load()
	if o == nil {
		return time.Time{}
	}
	return c.plausible(micros-o.wall+o.server, received)
}

func (c *driverClock) plausible(serverMicros float64, received time.Time) time.Time {
	if math.Abs(serverMicros) > math.MaxInt64/2000 {
		return time.Time{}
	}
	t := c.epoch.Add(time.Duration(serverMicros * 1e3))
	switch travel := received.Sub(t); {
	case travel > maxTravel || travel < -clockError:
		return time.Time{}
	case travel < 0:
		return received
	default:
		return t
	}
}
