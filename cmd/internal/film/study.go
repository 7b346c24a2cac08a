package film

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// studySeconds is how much of a clip is looked at before the first picture, at most: its samples are kept meanwhile.
const studySeconds = 30

// study is the beginning of a driver, looked at before the first picture. The zero value has looked at nothing.
type study struct {
	kept    []landmark.Sample // not given yet
	over    error             // what came after them, nil if there is more
	replays bool              // the newest sample was a kept one

	again *clip.Reader // the clip once more, for the pictures of kept samples; nil: nobody looks at them
	view  *image.RGBA
}

// lookAhead finds the neutral of a clip before the first picture. The caller closes m.ahead. Performances begin in their neutral, a
// picture shows nothing else, and absolute motion needs none.
func (m *maker) lookAhead(ctx context.Context) error {
	if m.Neutral >= 0 || m.Motion.Retarget.Mode == retarget.Absolute || strings.HasPrefix(m.Driver, driver.SamplePrefix) || files.IsStill(m.Driver) {
		return nil
	}
	s, about := &m.ahead, m.source.About()
	for len(s.kept) < studySeconds*about.RateNum/about.RateDen && s.over == nil {
		var one landmark.Sample
		if s.over = m.read(&one); s.over != nil {
			break
		}
		s.kept = append(s.kept, one)
	}
	if s.over != nil && !errors.Is(s.over, io.EOF) {
		return s.over
	}
	err := m.stepper.Study(s.kept)
	if err != nil || !m.SideBySide {
		return err
	}
	if s.again, err = clip.Open(ctx, m.Driver); err != nil {
		return fmt.Errorf("reading %s again: %w", m.Driver, err)
	}
	s.view = s.again.NewFrame()
	return nil
}

// Close ends the second reading of the clip.
func (s *study) Close() error {
	if s.again == nil {
		return nil
	}
	return s.again.Close()
}

// next gives the samples that were kept, then the rest of the clip.
func (m *maker) next(to *landmark.Sample) error {
	s := &m.ahead
	s.replays = len(s.kept) > 0
	switch {
	case !s.replays && s.over != nil:
		return s.over
	case !s.replays:
		return m.read(to)
	}
	*to, s.kept = s.kept[0], s.kept[1:]
	if s.again == nil {
		return nil
	}
	return s.again.Read(s.view)
}

// read takes a sample from the driver, and the time that it takes.
func (m *maker) read(to *landmark.Sample) error {
	t0 := time.Now()
	err := m.source.Next(to)
	if err == nil {
		m.track = append(m.track, time.Since(t0))
	}
	return err
}

// view is the driver's picture that the newest sample came from, nil if there is none.
func (m *maker) view() *image.RGBA {
	if m.ahead.replays && m.ahead.view != nil {
		return m.ahead.view
	}
	return m.source.View()
}
