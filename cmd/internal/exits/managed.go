package exits

import (
	"context"
	"sync"
)

// managed is an exit and how it is.
type managed struct {
	id, shown  string
	codec      string
	configured bool
	stop       context.CancelFunc

	mu     sync.Mutex // guards status
	status Status
}

// report takes what the exit says of itself.
func (x *managed) report(s Status) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status = s
}

// end notes that Run has returned.
func (x *managed) end(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status.State = Ended
	if err != nil {
		x.status.Message = sentence(err)
	}
}

func (x *managed) exit() Exit {
	x.mu.Lock()
	defer x.mu.Unlock()
	return Exit{ID: x.id, URL: x.shown, Codec: x.codec, Configured: x.configured, Status: x.status}
}
