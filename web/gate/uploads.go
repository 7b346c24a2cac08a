package gate

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// Reasons why a body is not taken in.
var (
	ErrBusy     = errors.New("others are sending as much as the server can hold")
	ErrTooLarge = errors.New("the body is larger than it may be")
	ErrStalled  = errors.New("the body did not come on")
)

// Uploads is the memory that all bodies together may take, from when their bytes come until their places are left. What is
// announced takes nothing: who holds places must send. It is safe for concurrent use.
type Uploads struct {
	most       int64         // bytes
	perAddress int           // places
	stall      time.Duration // within which 32 KiB, or the rest, have to come
	within     time.Duration // for a whole body

	mu      sync.Mutex // guards the following
	held    int64
	callers map[string]int
}

// NewUploads bounds bodies to most bytes in all and perAddress at a time from one address. A body of which no 32 KiB come within
// stall is given up, and so is one that takes longer than within.
func NewUploads(most int64, perAddress int, stall, within time.Duration) *Uploads {
	return &Uploads{most: most, perAddress: perAddress, stall: stall, within: within, callers: map[string]int{}}
}

// Held is how many bytes bodies take now.
func (u *Uploads) Held() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.held
}

// Place is room for one body.
type Place struct {
	from    *Uploads
	address string
	held    int64
}

// Enter takes a place for a request, or fails with ErrBusy. Leave it when the body is not needed any more.
func (u *Uploads) Enter(r *http.Request) (*Place, error) {
	address := hostOf(r.RemoteAddr)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.callers[address] >= u.perAddress {
		return nil, ErrBusy
	}
	u.callers[address]++
	return &Place{from: u, address: address}, nil
}

// Leave gives the place back. Once.
func (p *Place) Leave() {
	u := p.from
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held -= p.held
	if u.callers[p.address]--; u.callers[p.address] == 0 {
		delete(u.callers, p.address)
	}
}

// grow takes n bytes more of the common memory.
func (p *Place) grow(n int64) bool {
	u := p.from
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.held+n > u.most {
		return false
	}
	u.held += n
	p.held += n
	return true
}

// Read takes a body of at most most bytes in. It fails with ErrBusy, ErrTooLarge, ErrStalled, or as reading does.
func (p *Place) Read(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, ErrTooLarge
	}
	control := http.NewResponseController(w)
	last := time.Now().Add(p.from.within)
	body := http.MaxBytesReader(w, r.Body, most)
	var out []byte
	var big *http.MaxBytesError
	for {
		room := int64(cap(out) - len(out))
		if room < step {
			next, ok := p.extend(out, most)
			if !ok {
				return nil, ErrBusy
			}
			out = next
		}
		_ = control.SetReadDeadline(earlier(time.Now().Add(p.from.stall), last)) // where it cannot be set nothing can stall
		n, err := fill(body, out[len(out):len(out)+step])
		out = out[:len(out)+n]
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			_ = control.SetReadDeadline(time.Time{}) // what follows is not read from the client
			return out, nil
		case errors.As(err, &big):
			return nil, ErrTooLarge
		case isTimeout(err):
			return nil, ErrStalled
		}
		return nil, err
	}
}

// extend makes room for another step: the buffer doubles, and old and new one count while both are there.
func (p *Place) extend(old []byte, most int64) ([]byte, bool) {
	size := min(max(2*int64(cap(old)), step), most+step)
	if !p.grow(size) {
		return nil, false
	}
	next := make([]byte, len(old), size)
	copy(next, old)
	p.grow(-int64(cap(old)))
	return next, true
}

// fill reads until b is full; its error is r's, so that an end tells a whole body from one that was cut short.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var k int
		k, err = r.Read(b[n:])
		n += k
	}
	return n, err
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}
