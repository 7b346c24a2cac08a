package microphone

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// TestFaultsAreSaid: what ffmpeg says of a device becomes a state, and a sentence that says what to do.
func TestFaultsAreSaid(t *testing.T) {
	for said, want := range map[string]struct {
		state State
		words string
	}{
		"[alsa @ 0x1] cannot open audio device plughw:CARD=PCH (Device or resource busy)\nplughw: Input/output error": {Busy, "Another program"},
		"[alsa @ 0x1] cannot open audio device plughw:CARD=X (No such device)\n":                                      {Missing, "plug it in"},
		"[alsa @ 0x1] cannot open audio device plughw:CARD=X (Permission denied)":                                     {Denied, "group audio"},
		"mic: No such entity\n":         {Missing, "plug it in"},
		"":                              {Missing, "plug it in"}, // such as a source that the sound server takes away
		"mic: Connection refused":       {Failed, "sound server"},
		"Unknown input format: 'pulse'": {Failed, "apt-get install ffmpeg"},
		"one\n\nsomething \x1b[31mnew":  {Failed, "something [31mnew"},
	} {
		err := faultOf(said)
		if s := stateOf(err); s != want.state {
			t.Errorf("%q is %s, want %s", said, s, want.state)
		}
		if s := sentence("mic7", err); !strings.Contains(s, want.words) || !strings.Contains(s, "mic7") || !strings.HasSuffix(s, ".") {
			t.Errorf("%q: %s", said, s)
		}
	}
	for _, c := range []struct {
		err   error
		state State
	}{
		{fmt.Errorf("%w: %w", errMissing, errors.New("x")), Missing},
		{&os.PathError{Op: "read", Err: os.ErrDeadlineExceeded}, Stalled},
		{clip.ErrNoFFmpeg, Failed},
	} {
		if s := stateOf(c.err); s != c.state {
			t.Errorf("%v is %s", c.err, s)
		}
	}
	if s := sentence(Any, errMissing); strings.Contains(s, "any") || !strings.Contains(s, "plug one in") {
		t.Error(s)
	}
}

// loudness gives pieces whose samples all have one value.
type loudness struct{ value int16 }

func (l *loudness) Read() (wave.Audio, func(), error) {
	a := &wave.Int16Interleaved{Data: make([]int16, samples), Size: wave.ChunkInfo{Len: samples, Channels: 1, SamplingRate: rate}}
	for i := range a.Data {
		a.Data[i] = l.value
	}
	return a, nop, nil
}

var _ audio.Reader = (*loudness)(nil)

// TestSilenceIsSaid: after five seconds of nothing, not sooner, and no longer than it lasts; a quiet room is not silence.
func TestSilenceIsSaid(t *testing.T) {
	l := &loudness{}
	m := &meter{Reader: l}
	seconds := func(n int) (state State, level float64) {
		for range n * 50 {
			if _, _, err := m.Read(); err != nil {
				t.Fatal(err)
			}
			if s, v, due := m.judge(); due {
				state, level = s, v
			}
		}
		return state, level
	}
	if s, _ := seconds(4); s != Live {
		t.Errorf("after 4 s it is %s", s)
	}
	if s, v := seconds(2); s != Silent || v != 0 || words("mic7", s) == "" {
		t.Errorf("after 6 s it is %s, %v", s, v)
	}
	l.value = -16384
	if s, v := seconds(1); s != Live || v != 0.5 || words("mic7", s) != "" {
		t.Errorf("when it sounds it is %s, %v", s, v)
	}
	l.value = 3
	if s, _ := seconds(10); s != Live {
		t.Errorf("a quiet room is %s", s)
	}
}
