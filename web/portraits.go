package web

import "sync"

// maxPortraits is how many bytes of portraits are kept.
const maxPortraits = 16 << 20

// portraits keeps encoded portraits, by names that say all that they depend on. It is safe for concurrent use.
type portraits struct {
	mu    sync.Mutex // guards the following
	kept  map[string][]byte
	order []string // of keeping, the oldest first
	bytes int
}

func (p *portraits) get(name string) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.kept[name]
	return b, ok
}

// put keeps a portrait, and lets the oldest go for it.
func (p *portraits) put(name string, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.kept[name]; ok || len(b) > maxPortraits {
		return
	}
	if p.kept == nil {
		p.kept = map[string][]byte{}
	}
	p.kept[name] = b
	p.order = append(p.order, name)
	for p.bytes += len(b); p.bytes > maxPortraits; p.order = p.order[1:] {
		p.bytes -= len(p.kept[p.order[0]])
		delete(p.kept, p.order[0])
	}
}
