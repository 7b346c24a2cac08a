package memory

import (
	"context"
	"time"
)

// GiveBack returns what C libraries have freed to the system every so often until ctx ends.
func GiveBack(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			giveBack()
		}
	}
}
