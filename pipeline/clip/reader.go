package clip

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// Reader decodes a clip frame by frame at its own constant rate: whole pictures, upright, pixels square, in the colours
// of ordinary screens. It is used by one goroutine.
type Reader struct {
	Info  Info
	notes []string
	ctx   context.Context //nolint:containedctx // that of Open, which the reader lives in
	cmd   *exec.Cmd
	out   io.ReadCloser
	said  tail
	stop  context.CancelFunc
	path  string
	read  int
	ended bool
	torn  error
}

// Open starts decoding. Close the reader, also after io.EOF.
func Open(ctx context.Context, path string) (*Reader, error) {
	info, err := Probe(ctx, path)
	if err != nil {
		return nil, err
	}
	chain, notes, err := filters(ctx, path, &info)
	if err != nil {
		return nil, err
	}
	args := []string{"-v", "error", "-nostdin", "-i", "file:" + path, "-map", "0:V:0"}
	if chain != "" {
		args = append(args, "-vf", chain)
	}
	args = append(args, "-r", strconv.Itoa(info.RateNum)+"/"+strconv.Itoa(info.RateDen),
		"-s", fmt.Sprintf("%dx%d", info.Width, info.Height), "-f", "rawvideo", "-pix_fmt", "rgba", "-")
	inner, stop := context.WithCancel(ctx)
	r := &Reader{Info: info, notes: notes, ctx: ctx, stop: stop, path: path, said: tail{room: 1 << 14}}
	r.cmd = exec.CommandContext(inner, "ffmpeg", args...)
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

// Notes says in sentences what of the clip could not be read as it is meant.
func (r *Reader) Notes() []string { return r.notes }

// Read fills img with the next frame; io.EOF after the last, also where the clip breaks off (Torn). A clip without a
// single frame is ErrNoVideo.
func (r *Reader) Read(img *image.RGBA) error {
	_, err := io.ReadFull(r.out, img.Pix)
	switch {
	case err == nil:
		r.read++
		return nil
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("clip: %s: %w", r.path, err)
	case r.read == 0:
		return fmt.Errorf("clip: %s %w", r.path, ErrNoVideo)
	}
	if !r.ended {
		r.ended = true
		r.judge(r.cmd.Wait())
	}
	return io.EOF
}

// judge decides how the clip has ended, from ffmpeg's own end.
func (r *Reader) judge(failed error) {
	const slack = 2 // frames by which the header's estimate may be too high
	said := r.said.String()
	short := r.read+slack < r.Info.Frames
	switch {
	case failed != nil, short && said != "", strings.Contains(said, "File ended prematurely"):
	default:
		return
	}
	have, of := float64(r.read)/r.Info.FPS(), ""
	if short {
		of = fmt.Sprintf(" of %.1f", float64(r.Info.Frames)/r.Info.FPS())
	}
	r.torn = fmt.Errorf("%s breaks off after %.1f%s s: %w; copy or export it again for the rest", r.path, have, of, ErrTorn)
}

// Torn is nil for a clip that was read to its proper end. After io.EOF of one that breaks off before, it is an ErrTorn
// that says where, in a sentence.
func (r *Reader) Torn() error { return r.torn }

// Close ends decoding.
func (r *Reader) Close() error {
	r.stop()
	if !r.ended {
		_ = r.cmd.Wait() // killed on purpose
	}
	return nil
}
