package live

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gioconda-live/gioconda/rtc"
)

// names are the live sessions by their names. Methods are safe for concurrent use.
type names struct {
	changed func() // hears that names came or went; must not block

	mu   sync.Mutex          // guards the following
	held map[string]*session // nil while the session is being prepared
}

func newNames() *names { return &names{changed: func() {}, held: map[string]*session{}} }

// reserve takes a name, or finds a free one where none is wanted. It fails with an *rtc.Error of CodeNameTaken.
func (n *names) reserve(wanted string) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if wanted == "" {
		for wanted = randomName(); n.taken(wanted); {
			wanted = randomName()
		}
	}
	if n.taken(wanted) {
		return "", &rtc.Error{
			Code: rtc.CodeNameTaken, Fatal: true,
			Message: fmt.Sprintf("Another session is called %q; choose another name, or none to be given one.", wanted),
		}
	}
	n.held[wanted] = nil
	return wanted, nil
}

func (n *names) taken(name string) bool {
	_, taken := n.held[name]
	return taken
}

// set lets the session be found by the name that was reserved for it.
func (n *names) set(name string, s *session) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.held[name] = s
	n.changed()
}

// free gives a name back.
func (n *names) free(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.held, name)
	n.changed()
}

// find gives the live session of a name.
func (n *names) find(name string) (*session, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.held[name]
	return s, s != nil
}

// randomName is one that nobody has thought of; it is not secret.
func randomName() string {
	const letters, length = "abcdefghijkmnpqrstuvwxyz23456789", 4 // none that look alike
	b := []byte("portrait-")
	for range length {
		b = append(b, letters[rand.IntN(len(letters))])
	}
	return string(b)
}
