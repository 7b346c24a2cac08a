package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// headWriter writes whole pictures for the generator that repaints the head. A record of head.samples is the geometric
// picture and the true one as planes Y, U, V, then the maps at half their edge; one of head.sources is the portrait
// as planes Y, U, V and its maps.
type headWriter struct {
	region  portrait.Region // in pixels of the picture
	half    portrait.Region // in pixels of the maps
	mapper  *portrait.Mapper
	files   [2]*os.File
	samples *bufio.Writer
	sources *bufio.Writer
	planes  []float32
	bytes   []byte
	maps    []byte
	rgba    *image.RGBA
	picture *frame.I420
}

func newHeadWriter(dir string, size int) (*headWriter, error) {
	w := &headWriter{region: portrait.Head(), half: portrait.Head()}
	e := w.region.Edge
	if size != e {
		return nil, fmt.Errorf("whole heads are repainted at %d pixels, not at %d; leave --size out", e, size)
	}
	w.half.Edge = e / 2
	w.mapper = portrait.NewMapper(w.half)
	w.planes, w.bytes = make([]float32, 3*e*e), make([]byte, 3*e*e)
	w.maps = make([]byte, portrait.MapPlanes*e*e/4)
	w.rgba = image.NewRGBA(image.Rect(0, 0, e, e))
	var err error
	if w.picture, err = frame.NewI420(e, e); err != nil {
		return nil, err
	}
	for k, name := range []string{"head.samples", "head.sources"} {
		if w.files[k], err = os.Create(filepath.Join(dir, name)); err != nil { //nolint:gosec // the caller's folder
			return nil, errors.Join(err, w.Close())
		}
	}
	w.samples, w.sources = bufio.NewWriterSize(w.files[0], 1<<20), bufio.NewWriterSize(w.files[1], 1<<20)
	return w, nil
}

// source writes the portrait itself.
func (w *headWriter) source(s *reenact.Reenactor) error {
	rest := &s.Persona.Face
	still := portrait.Still(rest)
	at := w.region.Align(&rest.Head, motion.Vec3{})
	px := at.Scaled(float32(s.Picture.Width))
	w.region.Read(w.planes, s.Picture, &px)
	Quantise(w.bytes, w.planes)
	return errors.Join(w.colours(w.sources, w.bytes), w.draw(w.sources, &still, rest))
}

// sample writes what was drawn last, and the truth.
func (w *headWriter) sample(s *reenact.Reenactor, sh *Shot, p reenact.Placement) error {
	at := w.region.Align(&s.State.Head, motion.Vec3{})
	reenact.Truth(w.bytes, w.region.Edge, sh.View, p, at)
	return errors.Join(put(w.samples, s.Drawn), w.colours(w.samples, w.bytes), w.draw(w.samples, &s.State, &s.Persona.Face))
}

// colours writes planes R, G, B as a picture.
func (w *headWriter) colours(to *bufio.Writer, planes []byte) error {
	reenact.Interleave(w.rgba, planes)
	if err := w.picture.FromRGBA(w.rgba); err != nil {
		return err
	}
	return put(to, w.picture)
}

func (w *headWriter) draw(to *bufio.Writer, st *motion.State, rest *motion.Rest) error {
	at := w.half.Align(&st.Head, motion.Vec3{})
	w.mapper.Maps(w.maps, st, rest, motion.Vec3{}, &at)
	_, err := to.Write(w.maps)
	return err
}

func put(to *bufio.Writer, f *frame.I420) error {
	for _, b := range [][]byte{f.Y, f.U, f.V} {
		if _, err := to.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func (w *headWriter) flush() error { return errors.Join(w.samples.Flush(), w.sources.Flush()) }

// Close closes the files.
func (w *headWriter) Close() error {
	var err error
	for k, f := range w.files {
		if f != nil {
			err = errors.Join(err, f.Close())
			w.files[k] = nil
		}
	}
	return err
}
