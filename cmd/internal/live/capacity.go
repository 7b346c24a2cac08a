package live

import (
	"context"
	"time"
)

// How often it is looked whether the cost of a session can be measured again, and how old a measurement is then at least: half a
// second of drawing each time is little of an empty house.
const (
	measureLook  = 5 * time.Second
	measureEvery = 30 * time.Second
)

// followCapacity measures again what a session costs, while nobody is inside, until ctx ends: a server that was started on a busy
// minute has its places a minute later. measure takes half a second; inside tells how many sessions there are.
func followCapacity(ctx context.Context, measure func(context.Context) error, inside func() int) {
	tick := time.NewTicker(measureLook)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if inside() > 0 || now.Sub(last) < measureEvery {
				continue
			}
		}
		if measure(ctx) != nil {
			return // it has been reported, or the server stops
		}
		last = time.Now()
	}
}

// places is how many sessions with the least cost an empty house has room for.
func (d *Server) places() int {
	wants := d.engine.Wants()
	return d.engine.Capacity.Fits(wants[len(wants)-1])
}

// measureAgain measures what a session costs now.
func (d *Server) measureAgain(ctx context.Context) error {
	before := d.places()
	p, err := d.host.store.Get(d.o.Config.Gallery.Persona)
	if err == nil {
		err = d.engine.Again(ctx, p, d.o.Engine)
	}
	if err != nil {
		if ctx.Err() == nil {
			d.o.Log.Warn("what a session costs cannot be measured again", "error", err)
		}
		return err
	}
	if after := d.places(); after != before {
		d.o.Log.Info("room for sessions, measured again", "before", before, "now", after)
	}
	return nil
}

func (d *Server) inside() int {
	n, _, _ := d.host.admission.Taken()
	return n
}
