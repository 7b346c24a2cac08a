package clip

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// temporary is a film that is not whole yet, beside the place where it will be. While its writer lives it is locked, so that one
// that was left behind by a kill can be told from one that is being written.
type temporary struct{ f *os.File }

// temporaryName is how temporary files are called; their kind's ending follows.
const temporaryName = ".gioconda-*"

// freshFor is how long a file is taken for one that is about to be locked.
const freshFor = time.Minute

// newTemporary makes one, and removes those that were left behind in the same folder.
func newTemporary(dir, ext string) (*temporary, error) {
	sweep(dir, time.Now())
	f, err := os.CreateTemp(dir, temporaryName+ext)
	if err != nil {
		return nil, err
	}
	_ = lock(f) // where the file system knows no locks, nothing is swept either
	return &temporary{f}, nil
}

func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// sweep removes what nobody writes any more.
func sweep(dir string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(quoted(dir), temporaryName))
	for _, path := range left {
		if st, err := os.Lstat(path); err != nil || !st.Mode().IsRegular() || now.Sub(st.ModTime()) < freshFor {
			continue
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // a file of ours, by its name
		if err != nil {
			continue // another's
		}
		if lock(f) == nil {
			_ = os.Remove(path)
		}
		_ = f.Close()
	}
}

// quoted is a folder's name as a pattern that means nothing else.
func quoted(dir string) string {
	var b []byte
	for i := range len(dir) {
		if c := dir[i]; c == '*' || c == '?' || c == '[' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, dir[i])
	}
	return string(b)
}

func (t *temporary) name() string { return t.f.Name() }

// become puts the file in its place.
func (t *temporary) become(path string) error {
	if err := os.Chmod(t.name(), 0o644); err != nil { //nolint:gosec // a film is for looking at
		return err
	}
	if err := os.Rename(t.name(), path); err != nil {
		return err
	}
	return t.f.Close()
}

// remove leaves nothing of it.
func (t *temporary) remove() {
	_ = os.Remove(t.name())
	_ = t.f.Close()
}
