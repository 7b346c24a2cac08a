// Package temporary writes files that appear whole or not at all, and removes what a kill left behind of them.
package temporary

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// File is a file that is not whole yet, beside the place where it will be, for its owner alone until then. While its writer lives it is
// locked, so that one that was left behind by a kill can be told from one that is being written.
type File struct{ f *os.File }

// pattern is how such files are called; their kind's ending follows.
const pattern = ".gioconda-*"

// freshFor is how long a file is taken for one that is about to be locked.
const freshFor = time.Minute

// New makes one in dir, whose name ends in ext, and removes those that were left behind in the same folder.
// End with Become or Remove.
func New(dir, ext string) (*File, error) {
	Sweep(dir)
	f, err := os.CreateTemp(dir, pattern+ext)
	if err != nil {
		return nil, err
	}
	_ = lock(f) // where the file system knows no locks, nothing is swept either
	return &File{f}, nil
}

// Replace puts data at path: a reader sees the old file or the new one, also after a loss of power or on a full disk.
func Replace(path string, mode os.FileMode, data []byte) error {
	t, err := New(filepath.Dir(path), filepath.Ext(path))
	if err != nil {
		return err
	}
	_, err = t.f.Write(data)
	if err = errors.Join(err, t.f.Sync()); err == nil {
		err = t.Become(path, mode)
	}
	if err != nil {
		t.Remove()
	}
	return err
}

// Sweep removes from dir what nobody writes any more.
func Sweep(dir string) { sweep(dir, time.Now()) }

func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

func sweep(dir string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(quoted(dir), pattern))
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

// Name is its path until Become.
func (t *File) Name() string { return t.f.Name() }

// Become puts the file in its place. After an error it is still there for Remove.
func (t *File) Become(path string, mode os.FileMode) error {
	if err := os.Chmod(t.Name(), mode); err != nil {
		return err
	}
	if err := os.Rename(t.Name(), path); err != nil {
		return err
	}
	return t.f.Close()
}

// Remove leaves nothing of it.
func (t *File) Remove() {
	_ = os.Remove(t.Name())
	_ = t.f.Close()
}
