package microphone

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/pion/mediadevices/pkg/wave"

	"github.com/gioconda-live/gioconda/pipeline/clip"
)

const (
	// quietFor is how long a child may give nothing.
	quietFor = 3 * time.Second
	// saidMost bounds what is kept of what a child says, in bytes.
	saidMost = 4 << 10
)

// child is an ffmpeg that gives pieces of sound. It is used by one goroutine.
type child struct {
	cmd   *exec.Cmd
	ctx   context.Context //nolint:containedctx // ends with stop
	stop  context.CancelFunc
	out   *os.File
	said  head
	raw   [2 * samples]byte
	piece wave.Int16Interleaved
	over  bool // Wait was called
}

// start runs ffmpeg with the arguments of an input, until ctx ends or Close.
func start(ctx context.Context, input ...string) (*child, error) {
	c := &child{piece: wave.Int16Interleaved{
		Data: make([]int16, samples), Size: wave.ChunkInfo{Len: samples, Channels: 1, SamplingRate: rate},
	}}
	args := append([]string{"-hide_banner", "-nostdin", "-v", "error"}, input...)
	args = append(args, "-ac", "1", "-ar", "48000", "-f", "s16le", "-flush_packets", "1", "pipe:1")
	c.ctx, c.stop = context.WithCancel(ctx)
	c.cmd = exec.CommandContext(c.ctx, "ffmpeg", args...) //nolint:contextcheck // made of ctx
	r, w, err := os.Pipe()                                // not the one of exec: it waits no longer than it is told to
	if err != nil {
		c.stop()
		return nil, err
	}
	c.out, c.cmd.Stdout, c.cmd.Stderr = r, w, &c.said
	err = c.cmd.Start()
	_ = w.Close() // the child's
	if err != nil {
		c.stop()
		_ = r.Close()
		if errors.Is(err, exec.ErrNotFound) {
			err = clip.ErrNoFFmpeg
		}
		return nil, err
	}
	return c, nil
}

// Read implements audio.Reader; the piece is good until the next. It fails with io.EOF at the end of a clip, and as the device does.
func (c *child) Read() (wave.Audio, func(), error) {
	if err := c.out.SetReadDeadline(time.Now().Add(quietFor)); err != nil {
		return nil, nop, err
	}
	n, err := io.ReadFull(c.out, c.raw[:])
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && n == 0:
		c.over = true
		if c.cmd.Wait() != nil || c.said.Len() > 0 {
			return nil, nop, faultOf(c.said.String())
		}
		return nil, nop, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF): // the last piece of a clip
		clear(c.raw[n:])
	case err != nil:
		return nil, nop, err
	}
	for i := range c.piece.Data {
		c.piece.Data[i] = int16(binary.LittleEndian.Uint16(c.raw[2*i:])) //nolint:gosec // that is how they are written
	}
	return &c.piece, nop, nil
}

func nop() {}

// Close ends the child.
func (c *child) Close() error {
	c.stop()
	if !c.over {
		_ = c.cmd.Wait() // killed on purpose
	}
	return c.out.Close()
}

// head keeps the beginning of what is written to it.
type head struct{ bytes.Buffer }

func (h *head) Write(b []byte) (int, error) {
	_, _ = h.Buffer.Write(b[:min(len(b), saidMost-h.Len())])
	return len(b), nil
}
