package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gioconda-live/gioconda/web/gate"
)

// Teaching is what several pictures of one person say of them.
type Teaching struct {
	Name     string
	Attested bool
	Together bool // they were taken one after the other, as the frames of a film
	Pictures []Picture
}

// Picture is one that was sent.
type Picture struct {
	Name string // for people; unique in a Teaching
	Data []byte
	// Beside tells that it is not to be part of the persona, only learned from: it came as the form's field "frame".
	Beside bool
}

// Taught is the persona that was made, and what became of each picture, in their order.
type Taught struct {
	Persona  PersonaInfo
	Pictures []Judged
	Tuned    string // what came of tuning to a film, half a sentence; "": it was not tried
}

// Judged is what became of a picture.
type Judged struct {
	Name string `json:"name"`
	Use  string `json:"use"`            // face: it is shown; view: it says what that lacks; none
	Code string `json:"code,omitempty"` // why it is not used
	Why  string `json:"why,omitempty"`  // the same in words
}

// The uses of a picture.
const (
	UseFace = "face"
	UseView = "view"
	UseNone = "none"
)

// Teacher makes and keeps personas of several pictures. Errors are as those of Personas.
type Teacher interface {
	// Teach works in pieces, each by turn, which fails where the work is not to go on; progress is as for Personas.Create.
	Teach(ctx context.Context, t *Teaching, turn func(work func() error) error, progress func(fraction float64, step string)) (Taught, error)
}

// What teaching may take: one is worked on at a time, others wait.
const (
	mostPictures = 100
	teachQueue   = 2
	teachPatient = time.Minute
	teachWithin  = 3 * time.Minute
)

// teach makes a persona of several pictures. The work shares the worker with everybody's, picture by picture.
func (s *Server) teach(w http.ResponseWriter, r *http.Request) {
	if !s.hasRoom(w) {
		return
	}
	up, ok := s.describeUpload(w, r)
	if !ok {
		return
	}
	s.withPlace(w, r, s.Config.UploadMax, func(body []byte) { //nolint:contextcheck // it is the request's
		err := s.teaching.Do(r.Context(), func() {
			pictures, code, message := picturesOf(body, r.Header.Get("Content-Type"))
			if code != "" {
				fail(w, statusOf(code), code, message)
				return
			}
			s.teachWith(w, r, &Teaching{
				Name: up.Name, Attested: up.Attested, Together: r.URL.Query().Get("together") == "true", Pictures: pictures,
			})
		})
		if err != nil {
			s.tooBusy(w)
		}
	})
}

// errTooSlow ends what takes too long.
var errTooSlow = &slowError{}

type slowError struct{}

func (*slowError) Error() string {
	return "This takes too long while so many others are here; send fewer pictures, or try again later."
}

func (*slowError) Code() string { return "too_slow" }

func (s *Server) teachWith(w http.ResponseWriter, r *http.Request, t *Teaching) {
	ctx, cancel := context.WithTimeoutCause(r.Context(), teachWithin, errTooSlow)
	defer cancel()
	turn := func(work func() error) error {
		var done error
		if err := s.worker.Do(ctx, func() { done = work() }); errors.Is(err, gate.ErrBusy) {
			return errTooSlow
		} else if err != nil {
			return context.Cause(ctx)
		}
		return done
	}
	s.answer(w, r, func(progress func(float64, string)) (map[string]any, error) {
		made, err := s.Teacher.Teach(ctx, t, turn, progress)
		if errors.Is(err, context.DeadlineExceeded) {
			err = context.Cause(ctx)
		}
		answer := map[string]any{"persona": made.Persona, "warnings": made.Persona.Warnings, "pictures": made.Pictures}
		if made.Tuned != "" {
			answer["tuned"] = made.Tuned
		}
		return answer, err
	})
}

// picturesOf are the files of a form, which lie in body afterwards, one behind the other, so that nothing is held twice. code and message
// say why there are none.
func picturesOf(body []byte, contentType string) (all []Picture, code, message string) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, "not_a_form", "Send the pictures as files of a form (multipart/form-data)."
	}
	taken := map[string]bool{}
	// What was read of the form is not needed any more, and is longer than the pictures that were in it: before the first
	// stands a line at least.
	free := body
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "upload_broken", "The upload broke off; try again."
		}
		if len(all) == mostPictures {
			return nil, "too_many_pictures", "These are more than " + strconv.Itoa(mostPictures) + " pictures; choose the best."
		}
		size, err := readInto(free, part)
		if err != nil {
			return nil, "upload_broken", "The upload broke off; try again."
		}
		data := free[:size:size]
		free = free[size:]
		name := pictureName(part.FileName(), len(all)+1)
		for n := 2; taken[name]; n++ {
			name = pictureName(part.FileName(), len(all)+1) + " (" + strconv.Itoa(n) + ")"
		}
		taken[name] = true
		all = append(all, Picture{Name: name, Data: data, Beside: part.FormName() == "frame"})
	}
	if len(all) == 0 {
		return nil, "no_pictures", "There is no picture in this upload; choose one or more."
	}
	return all, "", ""
}

// readInto reads all of r into dst, which has room for it and one byte more.
func readInto(dst []byte, r io.Reader) (n int, err error) {
	for {
		k, err := r.Read(dst[n:])
		n += k
		if errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

// pictureName is what a file is called, for people.
func pictureName(from string, number int) string {
	const most = 60
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(from, ""))
	if name = strings.TrimSpace(name); name == "" {
		return "picture " + strconv.Itoa(number)
	}
	if letters := []rune(name); len(letters) > most {
		name = string(letters[:most])
	}
	return name
}
