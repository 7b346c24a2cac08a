package clip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strconv"
)

// Reader decodes a clip frame by frame at its own constant rate. It is used by one goroutine.
type Reader struct {
	Info Info
	cmd  *exec.Cmd
	out  io.ReadCloser
	said bytes.Buffer
	stop context.CancelFunc
	path string
	read int
}

// Open starts decoding. Close the reader, also after io.EOF.
func Open(ctx context.Context, path string) (*Reader, error) {
	info, err := Probe(ctx, path)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	r := &Reader{Info: info, stop: stop, path: path}
	r.cmd = exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-nostdin", "-i", "file:"+path, "-map", "0:V:0",
		"-r", strconv.Itoa(info.RateNum)+"/"+strconv.Itoa(info.RateDen),
		"-s", fmt.Sprintf("%dx%d", info.Width, info.Height),
		"-f", "rawvideo", "-pix_fmt", "rgba", "-")
	r.cmd.Stderr = &r.said
	if r.out, err = r.cmd.StdoutPipe(); err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		stop()
		if errors.Is(err, exec.ErrNotFound) {
			err = ErrNoFFmpeg
		}
		return nil, fmt.Errorf("clip: %s: %w", path, err)
	}
	return r, nil
}

// NewFrame allocates a frame that fits Read.
func (r *Reader) NewFrame() *image.RGBA {
	return image.NewRGBA(image.Rect(0, 0, r.Info.Width, r.Info.Height))
}

// Read fills img with the next frame; io.EOF after the last. A clip without a single frame is ErrNoVideo.
func (r *Reader) Read(img *image.RGBA) error {
	_, err := io.ReadFull(r.out, img.Pix)
	if err == nil {
		r.read++
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if r.read == 0 {
			return fmt.Errorf("clip: %s %w", r.path, ErrNoVideo)
		}
		return io.EOF
	}
	return fmt.Errorf("clip: %s: %w", r.path, err)
}

// Close ends decoding.
func (r *Reader) Close() error {
	r.stop()
	_ = r.cmd.Wait() // killed on purpose
	return nil
}
