package gate

import (
	"net/http"
	"time"
)

// step is how many bytes have to move within a deadline.
const step = 32 << 10

// Progress cuts off clients that do not take what they asked for: each 32 KiB of an answer have to leave within stall.
func Progress(next http.Handler, stall time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&steps{ResponseWriter: w, control: http.NewResponseController(w), stall: stall}, r)
	})
}

// steps writes in steps, each with a deadline of its own.
type steps struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

func (s *steps) Write(b []byte) (n int, err error) {
	for first := true; first || len(b) > 0; first = false {
		_ = s.control.SetWriteDeadline(time.Now().Add(s.stall)) // where it cannot be set nothing can stall
		k, err := s.ResponseWriter.Write(b[:min(step, len(b))])
		n += k
		if err != nil {
			return n, err
		}
		b = b[k:]
	}
	return n, nil
}

// Unwrap is for http.ResponseController.
func (s *steps) Unwrap() http.ResponseWriter { return s.ResponseWriter }
