package engine

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gioconda-live/gioconda/models/portrait"
)

// Names of the generators that are chosen from when nobody names one.
const (
	MeshOnly = "mesh" // no generator: the geometric layer alone
	Large    = "gioconda-l"
	Small    = "gioconda-s"
)

// Catalog is where generators are found: those inside the program, and those of the folder Dir, if it is not "".
type Catalog struct{ Dir string }

// Source is a generator's folder.
type Source struct {
	Name string
	Dir  fs.FS
	From string // where it is, for people
}

// List returns all generators. Those of the folder stand in for one inside of the same name.
func (c Catalog) List() ([]Source, error) {
	var out []Source
	shipped := portrait.Shipped()
	inside, err := fs.ReadDir(shipped, ".")
	if err != nil {
		return nil, err
	}
	for _, d := range inside {
		var dir fs.FS
		if dir, err = fs.Sub(shipped, d.Name()); err != nil {
			return nil, err
		}
		out = append(out, Source{d.Name(), dir, "built in"})
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil && c.Dir != "" && !os.IsNotExist(err) {
		return nil, fmt.Errorf("generators.dir: %w", err)
	}
	for _, d := range entries {
		path := filepath.Join(c.Dir, d.Name())
		if _, err := os.Stat(filepath.Join(path, portrait.ManifestName)); err != nil {
			continue
		}
		s := Source{d.Name(), os.DirFS(path), path}
		if i := slices.IndexFunc(out, func(o Source) bool { return o.Name == s.Name }); i >= 0 {
			out[i] = s
		} else {
			out = append(out, s)
		}
	}
	return out, nil
}

// Find returns a generator by its name, or by its folder's path, which holds a separator.
func (c Catalog) Find(name string) (Source, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return Source{filepath.Base(name), os.DirFS(name), name}, nil
	}
	list, err := c.List()
	if err != nil {
		return Source{}, err
	}
	names := []string{MeshOnly}
	for _, s := range list {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	where := ""
	if c.Dir != "" {
		where = "; others belong into " + c.Dir
	}
	return Source{}, fmt.Errorf("there is no generator %q; there are %s (auto chooses)%s", name, strings.Join(names, ", "), where)
}
