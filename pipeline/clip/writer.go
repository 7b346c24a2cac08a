package clip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/temporary"
)

// WriterOptions describes the film to write.
type WriterOptions struct {
	Width, Height    int // even
	RateNum, RateDen int
	Sound            string // a clip whose sound is kept; "" for a silent film
}

// Writer encodes a film as H.264 in MP4 (or what the extension says). Nothing appears at the path before Close
// succeeds. It is used by one goroutine.
type Writer struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	said bytes.Buffer
	path string
	temp *temporary.File
}

// CheckName refuses a path whose ending names no kind of film that Create writes.
func CheckName(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".mp4", ".mkv", ".mov", ".webm", ".y4m", ".mjpeg":
		return nil
	}
	return fmt.Errorf("%s: write to a file that ends in .mp4, .mkv, .mov, .webm, .y4m or .mjpeg", path)
}

// Create starts the encoder. End with Close, or with Abort to leave nothing behind.
func Create(ctx context.Context, path string, o WriterOptions) (*Writer, error) {
	if err := CheckName(path); err != nil {
		return nil, err
	}
	ext := strings.ToLower(filepath.Ext(path))
	temp, err := temporary.New(filepath.Dir(path), ext)
	if err != nil {
		return nil, fmt.Errorf("clip: %w", err)
	}
	w := &Writer{path: path, temp: temp}
	args := []string{
		"-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-color_range", "tv",
		"-colorspace", "smpte170m", "-s", fmt.Sprintf("%dx%d", o.Width, o.Height),
		"-r", strconv.Itoa(o.RateNum) + "/" + strconv.Itoa(o.RateDen), "-i", "-",
	}
	silent := ext == ".y4m" || ext == ".mjpeg"
	if o.Sound != "" && !silent {
		args = append(args, "-i", "file:"+o.Sound, "-map", "0:v", "-map", "1:a:0?")
	}
	args = append(args, codecArgs(ext)...)
	w.cmd = exec.CommandContext(ctx, "ffmpeg", append(args, "file:"+temp.Name())...)
	w.cmd.Stderr = &w.said
	if w.in, err = w.cmd.StdinPipe(); err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		temp.Remove()
		if errors.Is(err, exec.ErrNotFound) {
			err = ErrNoFFmpeg
		}
		return nil, fmt.Errorf("clip: %s: %w", path, err)
	}
	return w, nil
}

func codecArgs(ext string) []string {
	switch ext {
	case ".y4m":
		return []string{"-f", "yuv4mpegpipe", "-pix_fmt", "yuv420p"}
	case ".mjpeg":
		return []string{"-c:v", "mjpeg", "-q:v", "2", "-f", "mjpeg"}
	case ".webm":
		return []string{"-c:v", "libvpx", "-crf", "10", "-b:v", "4M", "-c:a", "libopus"}
	default:
		return []string{
			"-c:v", "libx264", "-preset", "veryfast", "-crf", "17", "-pix_fmt", "yuv420p",
			"-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m",
			"-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart",
		}
	}
}

// Write appends one picture of the size that Create was given. When it fails, Close says why.
func (w *Writer) Write(f *frame.I420) error {
	for _, plane := range [][]byte{f.Y, f.U, f.V} {
		if _, err := w.in.Write(plane); err != nil {
			return fmt.Errorf("clip: writing %s: %w", w.path, err)
		}
	}
	return nil
}

// Close ends the film and puts it in its place.
func (w *Writer) Close() error {
	err := w.in.Close()
	if werr := w.cmd.Wait(); strings.Contains(w.said.String(), "No space left on device") {
		err = fmt.Errorf("clip: %s: %w", w.path, ErrDiskFull)
	} else if werr != nil {
		err = fmt.Errorf("clip: writing %s: %w: %s", w.path, werr, lastLine(w.said.String()))
	}
	if err == nil {
		err = w.temp.Become(w.path, 0o644)
	}
	if err != nil {
		w.temp.Remove()
	}
	return err
}

// Abort leaves nothing behind. It does nothing after Close.
func (w *Writer) Abort() {
	if w.cmd.ProcessState != nil {
		return
	}
	_ = w.in.Close()
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
	w.temp.Remove()
}
