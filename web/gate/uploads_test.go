package gate

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// taker reads bodies into memory and says what became of each.
func taker(u *Uploads, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		place, err := u.Enter(r)
		if err != nil {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		defer place.Leave()
		body, err := place.Read(w, r, most)
		switch {
		case errors.Is(err, ErrStalled):
			w.WriteHeader(http.StatusRequestTimeout)
		case errors.Is(err, ErrTooLarge):
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		case errors.Is(err, ErrBusy):
			w.WriteHeader(http.StatusTooManyRequests)
		case err != nil:
			w.WriteHeader(http.StatusBadRequest)
		default:
			_, _ = w.Write(body)
		}
	})
}

func TestBodyComesWhole(t *testing.T) {
	u := NewUploads(1<<20, 4, time.Second, time.Minute)
	h := taker(u, 300<<10)
	for _, size := range []int{0, 1, step - 1, step, step + 1, 4 * step, 4*step + 1, 300 << 10} {
		want := bytes.Repeat([]byte("abc"), size)[:size]
		for _, hide := range []bool{false, true} { // the length
			var body io.Reader = bytes.NewReader(want)
			if hide {
				body = io.MultiReader(body)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", body))
			if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want) {
				t.Errorf("%d bytes: %d, %d came", size, w.Code, w.Body.Len())
			}
		}
	}
	if n := u.Held(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

func TestBodyIsBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		most, one int64
		size      int
		status    int
	}{
		"one is too large":         {1 << 20, 64 << 10, 65 << 10, http.StatusRequestEntityTooLarge},
		"more than all may take":   {200 << 10, 1 << 20, 300 << 10, http.StatusTooManyRequests},
		"as large as one may be":   {1 << 20, 64 << 10, 64 << 10, http.StatusOK},
		"less than all could take": {1 << 20, 1 << 20, 300 << 10, http.StatusOK},
	} {
		u := NewUploads(tc.most, 4, time.Second, time.Minute)
		for _, hide := range []bool{false, true} {
			var body io.Reader = bytes.NewReader(make([]byte, tc.size))
			if hide {
				body = io.MultiReader(body)
			}
			w := httptest.NewRecorder()
			taker(u, tc.one).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", body))
			if w.Code != tc.status || u.Held() != 0 {
				t.Errorf("%s: %d, want %d; %d bytes held", name, w.Code, tc.status, u.Held())
			}
		}
	}
}

// TestWhoOnlyAnnouncesHoldsNothing opens as many uploads as an address may have and sends nothing: others get theirs meanwhile,
// and the places come back.
func TestWhoOnlyAnnouncesHoldsNothing(t *testing.T) {
	const stall = 300 * time.Millisecond
	u := NewUploads(1<<20, 2, stall, time.Minute)
	srv := httptest.NewServer(taker(u, 1<<20))
	defer srv.Close()
	announce := func() net.Conn {
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return c
	}
	first, second := announce(), announce()
	deadline := time.Now().Add(5 * time.Second)
	for places(u) < 2 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := u.Held(); n > 2*4*step {
		t.Errorf("%d bytes are held for what has not come", n)
	}
	other := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("mine"))
	other.RemoteAddr = "192.0.2.7:1234"
	w := httptest.NewRecorder()
	taker(u, 1<<20).ServeHTTP(w, other)
	if w.Code != http.StatusOK {
		t.Errorf("another address got %d", w.Code)
	}
	for _, c := range []net.Conn{first, second} {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 64)
		n, err := c.Read(b)
		if err != nil || !bytes.Contains(b[:n], []byte("408")) {
			t.Errorf("%q, %v; want 408", b[:n], err)
		}
	}
	for places(u) > 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if places(u) != 0 || u.Held() != 0 {
		t.Errorf("%d places and %d bytes are still held", places(u), u.Held())
	}
}

func places(u *Uploads) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, k := range u.callers {
		n += k
	}
	return n
}

// TestCutShort sends half of a chunked body: it is not taken for a whole one.
func TestCutShort(t *testing.T) {
	srv := httptest.NewServer(taker(NewUploads(1<<20, 2, time.Second, time.Minute), 1<<20))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	_ = c.(*net.TCPConn).CloseWrite()
	b, _ := io.ReadAll(c)
	if !bytes.Contains(b, []byte(" 400 ")) {
		t.Errorf("%q, want 400", b)
	}
}
