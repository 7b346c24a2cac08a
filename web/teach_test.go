package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// fakeTeacher keeps a persona of each picture that is not "cat", which it leaves out.
type fakeTeacher struct {
	got   *Teaching
	kept  int
	once  sync.Once
	begun chan struct{} // closed once work is going on; then it goes on for ever, by turns; nil: it does not
}

func (f *fakeTeacher) Teach(_ context.Context, t *Teaching, turn func(func() error) error, progress func(float64, string)) (out Taught, err error) {
	f.got = t
	for i := 0; i < len(t.Pictures) || f.begun != nil; i++ {
		if f.begun != nil && i == 1 {
			f.once.Do(func() { close(f.begun) })
		}
		if err := turn(func() error { time.Sleep(time.Millisecond); return nil }); err != nil {
			return out, err
		}
	}
	progress(0.5, "Looking at it")
	for _, p := range t.Pictures {
		if string(p.Data) == "cat" {
			out.Pictures = append(out.Pictures, Judged{Name: p.Name, Use: UseNone, Code: "no_face", Why: "no face was found in it"})
			continue
		}
		out.Pictures = append(out.Pictures, Judged{Name: p.Name, Use: UseView})
	}
	f.kept++
	out.Persona = PersonaInfo{ID: "x", Name: t.Name, Warnings: []Warning{}}
	return out, nil
}

func newTeaching(t *testing.T) (*Server, *fakeTeacher, http.Handler) {
	t.Helper()
	s, _ := newServer(t)
	f := &fakeTeacher{}
	s.Teacher = f
	return s, f, s.Handler()
}

// form is a form of files, each a name and what is in it.
func form(t *testing.T, pictures ...[2]string) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range pictures {
		field := "picture"
		if strings.HasPrefix(p[0], "frame") {
			field = "frame"
		}
		part, err := w.CreateFormFile(field, p[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, p[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func teachRequest(ctx context.Context, query, kind string, body []byte) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/personas/views?"+query, bytes.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", kind)
	return r
}

const mayUse = "name=Ann&attest=true"

// TestTeach: pictures come in their order under names that differ, and each is told what became of it.
func TestTeach(t *testing.T) {
	s, f, h := newTeaching(t)
	body, kind := form(t, [2]string{"a.jpg", "one"}, [2]string{"a.jpg", "two"}, [2]string{"", "cat"}, [2]string{"frame 1.jpg", "four"})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, teachRequest(t.Context(), mayUse+"&together=true", kind, body))
	var got struct {
		Persona  PersonaInfo
		Warnings []Warning
		Pictures []Judged
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body, err)
	}
	want := []Judged{{Name: "a.jpg", Use: UseView}, {Name: "a.jpg (2)", Use: UseView}, {"picture 3", UseNone, "no_face", "no face was found in it"}, {Name: "frame 1.jpg", Use: UseView}}
	if fmt.Sprint(got.Pictures) != fmt.Sprint(want) || got.Persona.Name != "Ann" || got.Warnings == nil {
		t.Errorf("%+v", got)
	}
	if !f.got.Together || !f.got.Attested || string(f.got.Pictures[1].Data) != "two" || f.got.Pictures[2].Beside || !f.got.Pictures[3].Beside {
		t.Errorf("%+v", f.got)
	}
	if held := s.uploads.Held(); held != 0 {
		t.Errorf("%d bytes are held after it", held)
	}
}

// TestPicturesAreHeldOnce: of a form that is counted once nothing is copied, and each picture is what was sent.
func TestPicturesAreHeldOnce(t *testing.T) {
	var sent [][2]string
	for i := range 7 {
		sent = append(sent, [2]string{fmt.Sprint(i, ".jpg"), strings.Repeat(string(rune('a'+i)), []int{1 << 20, 0, 1, 4095, 4096, 300_000, 9}[i])})
	}
	body, kind := form(t, sent...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	all, code, message := picturesOf(body, kind)
	runtime.ReadMemStats(&after)
	if code != "" || len(all) != len(sent) {
		t.Fatal(len(all), code, message)
	}
	for i, p := range all {
		if p.Name != sent[i][0] || string(p.Data) != sent[i][1] {
			t.Errorf("picture %d is %q, %d bytes, want %d", i, p.Name, len(p.Data), len(sent[i][1]))
		}
	}
	if more := after.TotalAlloc - before.TotalAlloc; more > 200_000 {
		t.Errorf("%d bytes beside the form's %d", more, len(body))
	}
}

// TestTeachRefuses: whatever is wrong with an upload is told by status and code, nothing is made of it, its memory comes back.
func TestTeachRefuses(t *testing.T) {
	s, f, _ := newTeaching(t)
	s.Config.UploadMax = 1 << 16
	h := s.Handler()
	good, kind := form(t, [2]string{"a.jpg", "one"})
	none, noneKind := form(t)
	var names [][2]string
	for range mostPictures + 1 {
		names = append(names, [2]string{"a.jpg", "x"})
	}
	many, manyKind := form(t, names...)
	large, largeKind := form(t, [2]string{"a.jpg", strings.Repeat("x", 1<<16)})
	for name, c := range map[string]struct {
		query, kind string
		body        []byte
		status      int
		code        string
	}{
		"no tick":      {"name=Ann", kind, good, http.StatusUnprocessableEntity, "not_attested"},
		"long name":    {"attest=true&name=" + strings.Repeat("x", maxNameRunes+1), kind, good, http.StatusBadRequest, "bad_name"},
		"no form":      {mayUse, "image/jpeg", good, http.StatusUnsupportedMediaType, "not_a_form"},
		"no boundary":  {mayUse, "multipart/form-data", good, http.StatusUnsupportedMediaType, "not_a_form"},
		"garbage kind": {mayUse, "multipart/;;=", good, http.StatusUnsupportedMediaType, "not_a_form"},
		"cut short":    {mayUse, kind, good[:len(good)-20], http.StatusBadRequest, "upload_broken"},
		"other form":   {mayUse, noneKind, good, http.StatusUnprocessableEntity, "no_pictures"},
		"no pictures":  {mayUse, noneKind, none, http.StatusUnprocessableEntity, "no_pictures"},
		"too many":     {mayUse, manyKind, many, http.StatusRequestEntityTooLarge, "too_many_pictures"},
		"too large":    {mayUse, largeKind, large, http.StatusRequestEntityTooLarge, "too_large_bytes"},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, teachRequest(t.Context(), c.query, c.kind, c.body))
		if w.Code != c.status || !strings.Contains(w.Body.String(), `"`+c.code+`"`) {
			t.Errorf("%s: %d %s, want %d %s", name, w.Code, w.Body, c.status, c.code)
		}
	}
	if f.got != nil || s.uploads.Held() != 0 {
		t.Errorf("%+v was taught; %d bytes are held", f.got, s.uploads.Held())
	}
}

// TestTeachCancelled: who goes away in the middle ends the work at once, nothing is kept, the next one is served.
func TestTeachCancelled(t *testing.T) {
	s, f, h := newTeaching(t)
	f.begun = make(chan struct{})
	body, kind := form(t, [2]string{"a.jpg", "one"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan *httptest.ResponseRecorder)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, teachRequest(ctx, mayUse, kind, body))
		done <- w
	}()
	<-f.begun
	if s.uploads.Held() == 0 {
		t.Error("the pictures of what is going on are not counted")
	}
	cancel()
	if w := <-done; w.Body.Len() != 0 {
		t.Errorf("an answer to nobody: %s", w.Body)
	}
	if f.kept != 0 || s.uploads.Held() != 0 {
		t.Errorf("%d were kept, %d bytes are held", f.kept, s.uploads.Held())
	}
	f.begun = nil
	w := httptest.NewRecorder()
	h.ServeHTTP(w, teachRequest(t.Context(), mayUse, kind, body))
	if w.Code != http.StatusOK || f.kept != 1 {
		t.Errorf("the next one: %d %s", w.Code, w.Body)
	}
}

// TestTeachQueue: one is taught, a few wait, whoever comes then hears at once that it is busy.
func TestTeachQueue(t *testing.T) {
	s, f, h := newTeaching(t)
	f.begun = make(chan struct{})
	body, kind := form(t, [2]string{"a.jpg", "one"})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	start := func() { all.Go(func() { h.ServeHTTP(httptest.NewRecorder(), teachRequest(ctx, mayUse, kind, body)) }) }
	start()
	<-f.begun
	each := s.uploads.Held()
	for n := 1; n <= teachQueue; n++ {
		start()
		for deadline := time.Now().Add(5 * time.Second); s.uploads.Held() < each*int64(n+1) && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(20 * time.Millisecond) // from the last byte to the queue
	w := httptest.NewRecorder()
	h.ServeHTTP(w, teachRequest(t.Context(), mayUse, kind, body))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	cancel()
	all.Wait()
	if f.kept != 0 || s.uploads.Held() != 0 {
		t.Errorf("%d were kept, %d bytes are held", f.kept, s.uploads.Held())
	}
}

// FuzzPicturesOf: no body makes more pictures than allowed, names that are not for people, or two of one name.
func FuzzPicturesOf(f *testing.F) {
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"p\"; filename=\"a\x00\xff\"\r\n\r\none\r\n--x--\r\n"), "multipart/form-data; boundary=x")
	f.Add([]byte("--x\r\n\r\n\r\n--x\r\n\r\n"), "multipart/form-data; boundary=x")
	f.Add([]byte{}, "multipart/form-data; boundary=\"\"")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		all, code, message := picturesOf(body, kind)
		if (code == "") == (len(all) == 0) || (code == "") != (message == "") || len(all) > mostPictures {
			t.Fatalf("%d pictures, %q %q", len(all), code, message)
		}
		taken := map[string]bool{}
		for _, p := range all {
			if taken[p.Name] || p.Name == "" || !utf8.ValidString(p.Name) || strings.ContainsAny(p.Name, "\x00\n\r") {
				t.Fatalf("name %q", p.Name)
			}
			taken[p.Name] = true
		}
	})
}
