package microphone

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// State says how a microphone is.
type State string

// The states.
const (
	Starting State = "starting"
	Live     State = "live"
	Silent   State = "silent"  // it gives nothing but zeros
	Missing  State = "missing" // unplugged, or never there
	Busy     State = "busy"    // another program has it
	Denied   State = "denied"
	Stalled  State = "stalled" // it is open and gives nothing
	Failed   State = "failed"
)

// Status is how a microphone is, for people.
type Status struct {
	ID      string
	State   State
	Message string  // a sentence that says what to do; "" where all is well
	Level   float64 // how loud the last judgement's loudest sample was, 0 to 1; 0 while it is not live
}

const (
	judgeEvery  = 10 // pieces: a fifth of a second
	silentAfter = 25 // judgements without a sample but 0, and 1 either way: 5 s
)

// meter measures what is read through it. It is used by one goroutine.
type meter struct {
	audio.Reader

	pieces, silent int
	peak           int
}

// Read implements audio.Reader.
func (m *meter) Read() (wave.Audio, func(), error) {
	a, release, err := m.Reader.Read()
	if s, ok := a.(*wave.Int16Interleaved); ok && err == nil {
		m.pieces++
		for _, v := range s.Data {
			m.peak = max(m.peak, int(v), -int(v))
		}
	}
	return a, release, err
}

// judge says how the sound of the last pieces was, where it is time to.
func (m *meter) judge() (state State, level float64, due bool) {
	if m.pieces < judgeEvery {
		return "", 0, false
	}
	level = float64(m.peak) / (1 << 15)
	if m.silent++; m.peak > 1 {
		m.silent = 0
	}
	m.pieces, m.peak = 0, 0
	if m.silent >= silentAfter {
		return Silent, level, true
	}
	return Live, level, true
}

// words is what people hear of a state.
func words(id string, s State) string {
	if s == Silent {
		return fmt.Sprintf("The %s gives nothing but silence; is it muted, by a switch or in the system's settings?", called(id))
	}
	return ""
}

// called is what a microphone is called in a sentence.
func called(id string) string {
	if id == Any {
		return "microphone"
	}
	return "microphone " + id
}

// What may be wrong with a microphone.
var (
	errMissing = errors.New("there is no such microphone")
	errStalled = errors.New("it gives nothing any more")
	errBusy    = errors.New("another program has it")
	errDenied  = errors.New("it may not be opened")
	errServer  = errors.New("the sound server does not answer")
	errSilent  = errors.New("there is no sound in it")
)

// stateOf says what a fault means.
func stateOf(err error) State {
	switch {
	case errors.Is(err, errMissing), errors.Is(err, fs.ErrNotExist):
		return Missing
	case errors.Is(err, errBusy):
		return Busy
	case errors.Is(err, errDenied), errors.Is(err, fs.ErrPermission):
		return Denied
	case errors.Is(err, errStalled), errors.Is(err, os.ErrDeadlineExceeded):
		return Stalled
	}
	return Failed
}

// sentence is a fault for people.
func sentence(id string, err error) string {
	switch s := stateOf(err); {
	case s == Missing && id == Any:
		return "There is no microphone; plug one in, it is picked up by itself."
	case s == Missing && strings.HasPrefix(id, FilePrefix):
		return strings.TrimPrefix(id, FilePrefix) + " is not there; it is heard as soon as it is."
	case s == Missing:
		return fmt.Sprintf("The %s is not there; plug it in, it is picked up by itself (gioconda cameras lists those that are).", called(id))
	case s == Busy:
		return fmt.Sprintf("Another program uses the %s; close that, and it is picked up by itself.", called(id))
	case s == Denied:
		return fmt.Sprintf("You may not open the %s; add yourself to the group audio, and log in again.", called(id))
	case s == Stalled:
		return fmt.Sprintf("The %s gives nothing any more; it is opened again, plug it in anew if that lasts.", called(id))
	}
	return fmt.Sprintf("The %s cannot be heard: %v.", called(id), err)
}

// faultOf makes an error of what ffmpeg said before it ended.
func faultOf(said string) error {
	for _, k := range []struct {
		err   error
		parts []string
	}{
		{errBusy, []string{"Device or resource busy"}},
		{errDenied, []string{"Permission denied", "Operation not permitted", "Access denied"}},
		{errMissing, []string{"No such device", "No such entity", "No such file or directory", "Unknown PCM", "Entity killed"}},
		{errServer, []string{"Connection refused", "Connection terminated"}},
		{clip.ErrNoFFmpeg, []string{"Unknown input format"}}, // the whole one
	} {
		for _, part := range k.parts {
			if strings.Contains(said, part) {
				return k.err
			}
		}
	}
	last := strings.TrimSpace(said)
	if last = printable(last[strings.LastIndexByte(last, '\n')+1:]); last == "" {
		return errMissing // it ended without a word, as where a device goes
	}
	return errors.New(last)
}
