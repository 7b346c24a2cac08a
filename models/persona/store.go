package persona

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Entry is one line of a Store's list.
type Entry struct {
	Manifest Manifest
	Builtin  bool
}

// Problem is a file in a Store's folder that cannot be used.
type Problem struct {
	Path string
	Err  error // *Error
}

// Store keeps personas as files in one folder, named by their IDs, beside built-in ones that live in memory and cannot
// be deleted. It is safe for concurrent use. Files that others put into the folder or remove from it are noticed.
type Store struct {
	dir     string
	builtin []*Persona
	encoded []func() ([]byte, error) // files of builtin, made once

	naming sync.Mutex // held while files are named, replaced or removed
	mu     sync.Mutex // guards what follows
	cache  map[string]*slot
	clock  int64
	heads  map[string]head
}

// head is a manifest as last read.
type head struct {
	stamp    fileStamp
	manifest Manifest
	err      error
}

// fileStamp tells whether a file is still the one that was read.
type fileStamp struct {
	size int64
	time time.Time
}

// OpenStore uses dir, which it makes where it is missing. builtin come first in the list, in their order.
func OpenStore(dir string, builtin ...*Persona) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, refuseFor(err, CodeNotSaved, "The folder for personas %s cannot be used: %v.", dir, err)
	}
	sweep(dir)
	s := &Store{dir: dir, builtin: builtin, cache: map[string]*slot{}, heads: map[string]head{}}
	for _, p := range builtin {
		s.encoded = append(s.encoded, sync.OnceValues(p.encode))
	}
	return s, nil
}

// sweep removes what saves that were cut off have left behind. Files of the last minutes may be another program's that is at it.
func sweep(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, savingPattern))
	if err != nil {
		return
	}
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > cutOffAfter {
			_ = os.Remove(path) // it is in nobody's way
		}
	}
}

// savingPattern names files that are being saved, and cutOffAfter is when they count as left behind.
const (
	savingPattern = ".saving-*"
	cutOffAfter   = 10 * time.Minute
)

// List returns the personas in the order that Reorder gave; those that it did not name come after, built-in ones first,
// then the oldest. It returns the files that cannot be used too. A file is judged by its manifest here; Get checks the rest.
func (s *Store) List() ([]Entry, []Problem) {
	var entries []Entry
	for _, p := range s.builtin {
		entries = append(entries, Entry{Manifest: p.Manifest, Builtin: true})
	}
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return entries, []Problem{{s.dir, refuseFor(err, CodeUnknown, "The folder for personas cannot be read: %v.", err)}}
	}
	var own []Entry
	var problems []Problem
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), Extension)
		if !ok || f.IsDir() || strings.HasPrefix(f.Name(), ".") {
			continue
		}
		m, err := s.manifest(id)
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed in the meantime
		case err != nil:
			problems = append(problems, Problem{s.path(id), err})
		default:
			own = append(own, Entry{Manifest: m})
		}
	}
	slices.SortStableFunc(own, func(a, b Entry) int {
		return cmp.Or(a.Manifest.Created.Compare(b.Manifest.Created), strings.Compare(a.Manifest.ID, b.Manifest.ID))
	})
	return s.inOrder(append(entries, own...)), problems
}

// manifest reads the head of a file, or remembers it. The file's name is the ID, whatever the manifest says.
func (s *Store) manifest(id string) (Manifest, error) {
	path := s.path(id)
	if !validID(id) || s.builtinByID(id) != nil {
		return Manifest{}, refuse(CodeCorrupted, "The name of %s cannot be used for a persona; rename it to small "+
			"letters, digits and hyphens that no other persona has.", filepath.Base(path))
	}
	stamp, err := stampOf(path)
	if err != nil {
		return Manifest{}, err
	}
	s.mu.Lock()
	h, ok := s.heads[id]
	s.mu.Unlock()
	if ok && h.stamp == stamp {
		return h.manifest, h.err
	}
	h = head{stamp: stamp}
	h.manifest, h.err = LoadManifest(path)
	h.manifest.ID = id
	s.mu.Lock()
	s.heads[id] = h
	s.mu.Unlock()
	return h.manifest, h.err
}

// Get returns a persona, decoded once and then shared. Errors are *Error: persona_unknown, or those of Load.
func (s *Store) Get(id string) (*Persona, error) {
	if p := s.builtinByID(id); p != nil {
		return p, nil
	}
	stamp, err := s.stored(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	c := s.cache[id]
	if c == nil || c.stamp != stamp {
		c = &slot{stamp: stamp}
	}
	s.use(id, c)
	s.mu.Unlock()
	c.once.Do(func() { // outside the lock: others are not held up
		c.persona, c.err = Load(s.path(id))
		if c.err == nil {
			c.persona.Manifest.ID = id
		}
	})
	return c.persona, c.err
}

// File opens the file of a persona for reading; the caller closes it. Errors are *Error: persona_unknown.
func (s *Store) File(id string) (io.ReadSeekCloser, error) {
	if i := slices.IndexFunc(s.builtin, func(p *Persona) bool { return p.Manifest.ID == id }); i >= 0 {
		data, err := s.encoded[i]()
		return memory{bytes.NewReader(data)}, err
	}
	if _, err := s.stored(id); err != nil {
		return nil, err
	}
	f, err := os.Open(s.path(id))
	if err != nil {
		return nil, unknown(id, err)
	}
	return f, nil
}

// memory is a file in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// Version is a word that changes with the persona: letters, digits and hyphens. Errors are *Error: persona_unknown.
func (s *Store) Version(id string) (string, error) {
	if p := s.builtinByID(id); p != nil {
		return fmt.Sprintf("b%x-%.16s", p.Manifest.Created.Unix(), p.Manifest.SourceHash), nil
	}
	stamp, err := s.stored(id)
	return fmt.Sprintf("%x-%x", stamp.time.UnixNano(), stamp.size), err
}

// Add saves p under an ID of its own: p's, or p's with a number when that is taken. It returns p as it is kept, with
// that ID; Get returns the same, without reading the file. Errors are *Error, as from Save.
func (s *Store) Add(p *Persona) (*Persona, error) {
	s.naming.Lock()
	defer s.naming.Unlock()
	kept := *p
	base := p.Manifest.ID
	if !validID(base) {
		base = Slug(p.Manifest.Name)
	}
	base = base[:min(len(base), maxID-6)]
	kept.Manifest.ID = base
	for n := 2; s.taken(kept.Manifest.ID); n++ {
		kept.Manifest.ID = fmt.Sprintf("%s-%d", base, n)
	}
	if err := s.save(kept.Manifest.ID, &kept); err != nil {
		return nil, err
	}
	return &kept, nil
}

// Refresh saves next, a changed copy of the persona p that Get has returned, in place of p's file, and returns what Get
// returns from now on. A file that somebody changed since stays as it is, and so does a built-in persona. Errors are
// *Error: persona_unknown where the file is gone, or those of Save and Load; p can still be used then.
func (s *Store) Refresh(p, next *Persona) (*Persona, error) {
	id := p.Manifest.ID
	s.naming.Lock()
	defer s.naming.Unlock()
	if now, err := s.Get(id); err != nil || now != p || s.builtinByID(id) != nil {
		return now, err
	}
	if err := s.save(id, next); err != nil {
		return nil, err
	}
	return next, nil
}

func (s *Store) taken(id string) bool {
	_, err := os.Lstat(s.path(id))
	return err == nil || s.builtinByID(id) != nil
}

// Delete removes a persona; sessions that use it keep what they have. Errors are *Error: builtin, persona_unknown or
// not_saved.
func (s *Store) Delete(id string) error {
	if s.builtinByID(id) != nil {
		return refuse(CodeBuiltin, "The persona %q is built in and cannot be deleted.", id)
	}
	if !validID(id) {
		return unknown(id, fs.ErrNotExist)
	}
	s.naming.Lock()
	defer s.naming.Unlock()
	err := os.Remove(s.path(id))
	s.mu.Lock()
	delete(s.cache, id)
	delete(s.heads, id)
	s.mu.Unlock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unknown(id, err)
	case err != nil:
		return refuseFor(err, CodeNotSaved, "The persona %q could not be deleted (%v).", id, plainCause(err))
	}
	return nil
}

// stored finds the file of an ID.
func (s *Store) stored(id string) (fileStamp, error) {
	if !validID(id) { // never let an ID wander out of the folder
		return fileStamp{}, unknown(id, fs.ErrNotExist)
	}
	stamp, err := stampOf(s.path(id))
	if err != nil {
		return stamp, unknown(id, err)
	}
	return stamp, nil
}

func stampOf(path string) (fileStamp, error) {
	info, err := os.Lstat(path) // a link could lead out of the folder
	if err != nil {
		return fileStamp{}, err
	}
	if !info.Mode().IsRegular() {
		return fileStamp{}, refuse(CodeCorrupted, "%s is not a file; remove it from the folder of personas.", path)
	}
	return fileStamp{info.Size(), info.ModTime()}, nil
}

// Builtin tells whether a persona of that ID came with the program.
func (s *Store) Builtin(id string) bool { return s.builtinByID(id) != nil }

func (s *Store) builtinByID(id string) *Persona {
	for _, p := range s.builtin {
		if p.Manifest.ID == id {
			return p
		}
	}
	return nil
}

func (s *Store) path(id string) string { return filepath.Join(s.dir, id+Extension) }

func unknown(id string, cause error) *Error {
	return refuseFor(cause, CodeUnknown, "There is no persona %q; reload the list of personas.", id)
}
