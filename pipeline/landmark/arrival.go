package landmark

import "time"

// Arrival is a sample with the moment at which the server had read its datagram.
type Arrival struct {
	Sample   Sample
	Received time.Time
	Captured time.Time // on this machine's clock, as far as the driver's is known; zero: it is not
}
