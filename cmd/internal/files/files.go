// Package files finds and reads what people name on the command line.
package files

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
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

// CheckInput says early that a file is not there.
func CheckInput(path string) error {
	switch st, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s was not found; check the path", path)
	case err != nil:
		return err
	case st.IsDir():
		return fmt.Errorf("%s is a folder; give a file", path)
	}
	return nil
}

// CheckOutput says early that nothing can be written at path, and refuses to write over what is read.
func CheckOutput(flag, path string, reads ...string) error {
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("%s %s: there is no folder %s; make it first, or write elsewhere", flag, path, dir)
	}
	there, err := os.Stat(path)
	if err != nil {
		return nil //nolint:nilerr // not there yet; what else is wrong, writing will say
	}
	if there.IsDir() {
		return fmt.Errorf("%s %s is a folder; add a file name", flag, path)
	}
	for _, r := range reads {
		if st, err := os.Stat(r); err == nil && os.SameFile(st, there) {
			return fmt.Errorf("%s %s would overwrite what is read; choose another name", flag, path)
		}
	}
	return nil
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
	p, err := intake.DecodeWith(ctx, src, intake.DefaultLimits(), Foreign(ctx, path))
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
