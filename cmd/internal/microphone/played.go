package microphone

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/pion/mediadevices/pkg/wave"
)

// played is the sound of a clip, by the clock of the film that a camera shows: it begins anew with each showing, and waits where
// pictures come late.
type played struct {
	ctx  context.Context //nolint:containedctx // audio.Reader has none
	path string
	film Film
	own  *ownFilm // film, where it is nobody else's; nil otherwise

	child   *child // nil: the clip is through, or not begun
	showing uint64
	pieces  int // of this showing, read so far
	at      time.Time
}

const (
	// lookEvery is how often the film's clock is looked at.
	lookEvery = 20 * time.Millisecond
	// tooLate is how long ago a piece may have sounded: what was missed while the clip was opened is left out.
	tooLate = 200 * time.Millisecond
)

// Read implements audio.Reader: a piece when it has sounded; between two showings nothing comes.
func (p *played) Read() (wave.Audio, func(), error) {
	for {
		if p.child == nil {
			if err := p.begin(); err != nil {
				return nil, nop, err
			}
		}
		a, release, err := p.child.Read()
		if errors.Is(err, io.EOF) {
			if p.pieces == 0 {
				return nil, nop, errSilent
			}
			if err = p.end(); err != nil {
				return nil, nop, err
			}
			continue
		}
		if err != nil {
			return nil, nop, err
		}
		p.pieces++
		heard, err := p.sounds()
		if err != nil {
			return nil, nop, err
		}
		if heard && time.Since(p.at) < tooLate+span {
			return a, release, nil
		}
	}
}

// begin waits for a showing that was not heard yet, and opens the clip.
func (p *played) begin() (err error) {
	if p.own != nil {
		p.own.next()
	}
	for {
		if n, _ := p.film.Showing(); n > p.showing {
			p.showing, p.pieces = n, 0
			p.child, err = start(p.ctx, "-i", "file:"+p.path, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0")
			return err
		}
		if err := wait(p.ctx, time.Now().Add(lookEvery)); err != nil {
			return err
		}
	}
}

// sounds waits until the newest piece has sounded; false: its showing is over before that.
func (p *played) sounds() (bool, error) {
	for {
		n, begun := p.film.Showing()
		if n != p.showing {
			return false, p.end()
		}
		p.at = begun.Add(time.Duration(p.pieces-1) * span)
		left := time.Until(p.at.Add(span))
		if left <= 0 {
			return true, nil
		}
		if err := wait(p.ctx, time.Now().Add(min(left, lookEvery))); err != nil {
			return false, err
		}
	}
}

// end closes the clip.
func (p *played) end() error {
	if p.child == nil {
		return nil
	}
	err := p.child.Close()
	p.child = nil
	return err
}

func (p *played) began() time.Time { return p.at }

// Close implements io.Closer.
func (p *played) Close() error { return p.end() }

// ownFilm is the clock of a clip that nobody shows.
type ownFilm struct {
	showing uint64
	begun   time.Time
}

func (f *ownFilm) next()                        { f.showing, f.begun = f.showing+1, time.Now() }
func (f *ownFilm) Showing() (uint64, time.Time) { return f.showing, f.begun }
