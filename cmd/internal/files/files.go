// Package files finds and reads what people name on the command line.
package files

import (
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// In lists the files of a folder with one of the endings (".mp4"), sorted. A folder without any is an error.
func In(dir string, endings ...string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if slices.Contains(endings, strings.ToLower(filepath.Ext(e.Name()))) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no files that end in %s", dir, strings.Join(endings, ", "))
	}
	return out, nil
}

// ReadPicture reads a picture file; it refuses what is too large before reading it.
func ReadPicture(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, fmt.Errorf("%s is a folder; give a picture", path)
	}
	if limit := intake.DefaultLimits().MaxBytes; st.Size() > int64(limit) {
		return nil, fmt.Errorf("%s has more than %d MiB; save it smaller, 2000 pixels are plenty", path, limit>>20)
	}
	return os.ReadFile(path)
}

// Foreign decodes AVIF and HEIC pictures by ffmpeg, where its build can.
func Foreign(ctx context.Context, path string) intake.Foreign {
	return func(h intake.Header) (*image.RGBA, error) { return clip.Still(ctx, path, h.Width, h.Height) }
}

// DecodePicture reads a picture file of any kind that can be read here.
func DecodePicture(ctx context.Context, path string) (*intake.Picture, error) {
	src, err := ReadPicture(path)
	if err != nil {
		return nil, err
	}
	p, err := intake.DecodeWith(src, intake.DefaultLimits(), Foreign(ctx, path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// IsStill tells whether a file is a picture that does not move. What cannot be read is none.
func IsStill(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".mjpeg", ".mjpg": // begin as JPEG pictures do
		return false
	}
	f, err := os.Open(path) //nolint:gosec // what the user has named
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only read
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	switch kind := intake.Kind(head[:n]); kind {
	case "":
		return false
	case "gif", "png": // of which ffmpeg plays those that move
		src, err := ReadPicture(path)
		if err != nil {
			return false
		}
		h, err := intake.Inspect(src, intake.DefaultLimits())
		return err != nil || !h.Animated
	default:
		return true
	}
}
