// Package files finds and reads what people name on the command line.
package files

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/models/persona/intake"
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
