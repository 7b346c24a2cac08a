package ffmpeg

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
)

// tailSize is how many bytes of what ffmpeg says are kept.
const tailSize = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b[max(0, len(b)-tailSize):]...)
	if over := len(t.b) - tailSize; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

// progress reads what -progress writes, lines of key=value, and counts the times that out_time_us or total_size grew.
type progress struct {
	count atomic.Uint64
	line  []byte
	last  [2]string
}

func (p *progress) Write(b []byte) (int, error) {
	for _, c := range b {
		if c != '\n' {
			if len(p.line) < 100 {
				p.line = append(p.line, c)
			}
			continue
		}
		p.take(p.line)
		p.line = p.line[:0]
	}
	return len(b), nil
}

func (p *progress) take(line []byte) {
	for i, key := range []string{"out_time_us=", "total_size="} {
		v, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(key))
		if ok && string(v) != p.last[i] && string(v) != "N/A" && string(v) != "0" && !strings.HasPrefix(string(v), "-") {
			p.last[i] = string(v)
			p.count.Add(1)
		}
	}
}
