package driver

import (
	"context"
	"errors"
	"image"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// clipSource is a clip followed by the server's tracker.
type clipSource struct {
	path    string
	reader  *clip.Reader
	cancel  context.CancelFunc // of the reader
	ahead   *ahead
	tracker *face.Tracker
	view    *image.RGBA // of the newest sample
	tally
}

func openClip(ctx context.Context, v *face.Networks, path string) (*clipSource, error) {
	ctx, cancel := context.WithCancel(ctx)
	r, err := clip.Open(ctx, path)
	if err != nil {
		cancel()
		return nil, err
	}
	t, err := v.Tracker()
	if err != nil {
		cancel()
		return nil, errors.Join(err, r.Close())
	}
	t.Windows = face.EveryWindow // of the first frame, so that it has the face already
	return &clipSource{path: path, reader: r, cancel: cancel, ahead: readAhead(r), tracker: t, view: r.NewFrame()}, nil
}

func (f *clipSource) Next(s *landmark.Sample) error {
	view, err := f.ahead.next(f.view)
	if err != nil {
		return err
	}
	f.view = view
	m := face.FromRGBA(f.view)
	if err := f.tracker.Track(m, s); err != nil {
		return err
	}
	f.tracker.Windows = face.DefaultWindows
	f.note(f.tracker.Reason())
	return nil
}

func (f *clipSource) View() *image.RGBA { return f.view }

func (f *clipSource) About() About {
	i := &f.reader.Info
	return About{RateNum: i.RateNum, RateDen: i.RateDen, Frames: i.Frames, Sound: f.path}
}

func (f *clipSource) Findings() Findings {
	out := Findings{Why: f.why(), Torn: f.reader.Torn(), Notes: f.reader.Notes()}
	if f.several() {
		out.Notes = append(out.Notes, "there are several faces in this clip, and the clearest one is followed. "+face.Several.Advice())
	}
	return out
}

func (f *clipSource) Close() error {
	f.cancel()
	f.ahead.stop()
	return errors.Join(f.tracker.Close(), f.reader.Close())
}

// tally counts what the tracker says of the frames.
type tally [face.ReasonCount]int

func (t *tally) note(r face.Reason) { t[r]++ }

// why is the reason that most frames without a face have. Reasons of few of them are chance.
func (t *tally) why() face.Reason {
	lost, most := 0, face.Nothing
	for r := face.TooSmall; r < face.Nothing; r++ {
		lost += t[r]
		if most == face.Nothing || t[r] > t[most] {
			most = r
		}
	}
	lost += t[face.Nothing]
	if t[most]*20 < lost || t[most] == 0 {
		return face.Nothing
	}
	return most
}

// several tells whether other faces were as large as the followed one in a good part of the frames.
func (t *tally) several() bool { return t[face.Several] > t[face.Followed]/4 }
