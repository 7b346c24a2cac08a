package landmark

import "time"

// Arrival is a sample with the moment at which the server had read its datagram.
type Arrival struct {
	Sample   Sample
	Received time.Time
}
