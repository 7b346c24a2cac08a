package exits

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// recording is an exit that keeps what viewers get, as VP8 in an IVF file: a header of 32 bytes, then each frame behind its
// size and its time in milliseconds. Players and ffmpeg read it also where it broke off.
type recording struct{ path string }

// openRecording takes file:PATH or file:///PATH; PATH ends in .ivf.
func openRecording(u *url.URL, _ Options) (pipeline.Exit, error) {
	path := u.Path
	if path == "" {
		path = u.Opaque
	}
	if filepath.Ext(path) != ".ivf" || u.Host != "" {
		return nil, fmt.Errorf("exit %q: write file:PATH.ivf", u)
	}
	return &recording{path}, nil
}

// Run implements pipeline.Exit: it records until ctx ends, or the file cannot be written.
func (r *recording) Run(ctx context.Context, from pipeline.Feed) (err error) {
	f, err := os.Create(r.path)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, f)
	s := &ivfSink{queue: make(chan []byte, 64)}
	v, err := from.View(pipeline.Rendition{Codec: pipeline.VP8}, s)
	if err != nil {
		return err
	}
	err = s.drain(ctx, f)
	v.Leave()
	if err != nil {
		return fmt.Errorf("recording to %s: %w", r.path, err)
	}
	return s.finish(f)
}

// ivfSink makes IVF of frames, which whoever drains it writes to the disk: a slow disk costs no other viewer a frame.
type ivfSink struct {
	queue  chan []byte // two seconds of frames
	begun  bool        // owned by the rendition that calls WriteFrame
	frames uint32      // owned by who drains
}

var errSlowDisk = errors.New("the disk is too slow; frames are missing")

// WriteFrame implements pipeline.Sink. The first frame is a keyframe, which holds the size of the picture.
func (s *ivfSink) WriteFrame(f *frame.Encoded) error {
	if !s.begun && len(f.Data) < 10 {
		return errors.New("the first frame is no VP8 keyframe")
	}
	le := binary.LittleEndian
	b := make([]byte, 0, 44+len(f.Data))
	if !s.begun {
		b = append(b, "DKIF\x00\x00\x20\x00VP80"...)
		b = append(b, f.Data[6:10]...) // width and height, two bytes each (RFC 6386, 9.1)
		b = le.AppendUint32(b, 1000)
		b = le.AppendUint32(b, 1)
		b = append(b, make([]byte, 8)...)
	}
	b = le.AppendUint32(b, uint32(len(f.Data)))
	b = le.AppendUint64(b, uint64(f.PTS.Milliseconds()))
	select {
	case s.queue <- append(b, f.Data...):
		s.begun = true
		return nil
	default:
		return errSlowDisk
	}
}

// drain writes what comes until ctx ends.
func (s *ivfSink) drain(ctx context.Context, to io.Writer) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case b := <-s.queue:
			if _, err := to.Write(b); err != nil {
				return err
			}
			s.frames++
		}
	}
}

// finish writes what still waits, and the number of frames into the header. No frame may come any more.
func (s *ivfSink) finish(f *os.File) error {
	for len(s.queue) > 0 {
		if _, err := f.Write(<-s.queue); err != nil {
			return err
		}
		s.frames++
	}
	if s.frames == 0 {
		return nil
	}
	_, err := f.WriteAt(binary.LittleEndian.AppendUint32(nil, s.frames), 24)
	return err
}
