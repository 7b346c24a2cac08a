package persona

import "sync"

// cacheSize is how many decoded personas a Store keeps; each has about 10 MB, 18 more with 16 views, and up to 16 more once
// its whole picture is decoded.
const cacheSize = 12

// slot is a persona that is, or is being, loaded.
type slot struct {
	stamp   fileStamp
	used    int64
	once    sync.Once
	persona *Persona
	err     error
}

// use keeps c as what Get returns for id, and drops what was not used for longest. The lock is held.
func (s *Store) use(id string, c *slot) {
	s.clock++
	c.used = s.clock
	s.cache[id] = c
	for len(s.cache) > cacheSize {
		oldest := ""
		for id, c := range s.cache {
			if oldest == "" || c.used < s.cache[oldest].used {
				oldest = id
			}
		}
		delete(s.cache, oldest)
	}
}

// save writes p to the file of id, and has Get return p while that file stays as it is. The lock on naming is held.
func (s *Store) save(id string, p *Persona) error {
	if err := p.Save(s.path(id)); err != nil {
		return err
	}
	stamp, err := s.stored(id)
	if err != nil {
		return err
	}
	c := &slot{stamp: stamp, persona: p}
	c.once.Do(func() {}) // it is loaded
	s.mu.Lock()
	defer s.mu.Unlock()
	s.use(id, c)
	return nil
}
