package driver

import (
	"image"

	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// ahead reads one picture of a clip while the one before is looked at: decoding and tracking then take the longer of both.
type ahead struct {
	free chan *image.RGBA // to be filled
	full chan fetched
	over error // how the clip ended, nil before
	done chan struct{}
}

type fetched struct {
	picture *image.RGBA
	err     error
}

// readAhead takes r over until stop is done with.
func readAhead(r *clip.Reader) *ahead {
	const pictures = 3 // one is read, one waits, one is looked at
	a := &ahead{free: make(chan *image.RGBA, pictures), full: make(chan fetched, 1), done: make(chan struct{})}
	for range pictures - 1 {
		a.free <- r.NewFrame()
	}
	go func() {
		defer close(a.done)
		for p := range a.free {
			err := r.Read(p)
			a.full <- fetched{p, err}
			if err != nil {
				return
			}
		}
	}()
	return a
}

// next gives old back, and returns the next picture, the caller's until it is given back. The end is given as often as it is
// asked for.
func (a *ahead) next(old *image.RGBA) (*image.RGBA, error) {
	if a.over != nil {
		return nil, a.over
	}
	a.free <- old
	f := <-a.full
	if f.err != nil {
		<-a.done // what the reader says of the end is settled
		a.over = f.err
		return nil, f.err
	}
	return f.picture, nil
}

// stop ends reading; whoever calls it has ended the reader's process, so that it does not wait for it.
func (a *ahead) stop() {
	close(a.free)
	for {
		select {
		case <-a.full:
		case <-a.done:
			return
		}
	}
}
