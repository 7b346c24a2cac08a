package film

import (
	"errors"
	"image"
	"io"
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// beads is a driver of numbered samples.
type beads struct {
	driver.Source
	n, given int
	end      error
}

func (b *beads) Next(s *landmark.Sample) error {
	if b.given == b.n {
		return b.end
	}
	*s = landmark.Sample{Seq: uint32(b.given)}
	b.given++
	return nil
}

func (b *beads) View() *image.RGBA { return nil }

// TestKeptSamplesComeFirst: what was looked at before the first picture is given in order, once, then the rest of the clip, and its
// end as often as it is asked for.
func TestKeptSamplesComeFirst(t *testing.T) {
	broken := errors.New("broken")
	for _, tc := range []struct {
		clip, kept int
		end        error
	}{{5, 0, io.EOF}, {5, 3, io.EOF}, {5, 5, io.EOF}, {5, 5, broken}, {0, 0, io.EOF}} {
		src := &beads{n: tc.clip, end: tc.end}
		m := &maker{Options: &Options{}, source: src}
		for range tc.kept {
			var s landmark.Sample
			if err := m.read(&s); err != nil {
				t.Fatal(err)
			}
			m.ahead.kept = append(m.ahead.kept, s)
		}
		if tc.kept == tc.clip {
			m.ahead.over = m.read(&landmark.Sample{})
		}
		var got []uint32
		for {
			var s landmark.Sample
			if err := m.next(&s); err != nil {
				if !errors.Is(err, tc.end) || !errors.Is(m.next(&s), tc.end) {
					t.Errorf("%+v ends with %v", tc, err)
				}
				break
			}
			if m.ahead.replays != (len(got) < tc.kept) {
				t.Errorf("%+v: sample %d is taken for a kept one, or the reverse", tc, len(got))
			}
			got = append(got, s.Seq)
		}
		if want := []uint32{0, 1, 2, 3, 4}[:tc.clip]; !slices.Equal(got, want) || len(m.track) != tc.clip {
			t.Errorf("%+v: samples %v, %d of them timed", tc, got, len(m.track))
		}
	}
}
