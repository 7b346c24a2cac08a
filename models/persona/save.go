package persona

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// Extension ends the names of persona files.
const Extension = ".persona"

// Save writes p to path, whole or not at all: a new file beside it takes the name once everything is on the disk.
// A file that was there stays as it was when Save fails. Errors are *Error: disk_full or not_saved.
func (p *Persona) Save(path string) error {
	data, err := p.encode()
	if err != nil {
		return refuseFor(err, CodeNotSaved, "The persona could not be saved: %v.", err)
	}
	return replaceFile(path, data, func(dir string) (tempFile, error) {
		return os.CreateTemp(dir, savingPattern)
	})
}

// tempFile is what replaceFile needs of an *os.File.
type tempFile interface {
	Write(data []byte) (int, error)
	Chmod(mode os.FileMode) error
	Sync() error
	Close() error
	Name() string
}

// replaceFile puts data at path by way of a temporary file in the same folder.
func replaceFile(path string, data []byte, create func(dir string) (tempFile, error)) error {
	dir := filepath.Dir(path)
	f, err := create(dir)
	if err != nil {
		return saveError(path, err)
	}
	err = fillFile(f, data)
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return saveError(path, errors.Join(err, os.Remove(f.Name())))
	}
	return saveError(path, syncDir(dir))
}

func fillFile(f tempFile, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Writable tells whether a persona could be kept now. Errors are *Error.
func (s *Store) Writable() error {
	f, err := os.CreateTemp(s.dir, savingPattern)
	if err == nil {
		_, err = f.Write(make([]byte, 4096))
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return refuseFor(err, CodeNotSaved, "No persona can be kept in %s: %v.", s.dir, err)
	}
	return nil
}

// syncDir makes a rename last. File systems that cannot do it for folders say EINVAL, which is no fault.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// plainCause is an error without the paths of this machine, for those who are elsewhere; the whole one is wrapped.
func plainCause(err error) error {
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		return no
	}
	return errors.New("the folder cannot be written")
}

func saveError(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return refuseFor(err, CodeDiskFull, "The disk is full, so %s was not saved; free some space and try again.",
			filepath.Base(path))
	}
	return refuseFor(err, CodeNotSaved, "%s could not be saved (%v).", filepath.Base(path), plainCause(err))
}
