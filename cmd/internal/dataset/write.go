package dataset

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// SourceEntry and sampleEntry are the lines of index.json, in the order of the records: a portrait, and a picture of it.
type SourceEntry struct {
	Person string `json:"person"`
	Scene  string `json:"scene"`
	Frame  int    `json:"frame"`
	Still  bool   `json:"still,omitempty"`
	Closed bool   `json:"closed,omitempty"` // its mouth was shut by the geometric layer
	Views  int    `json:"views,omitempty"`  // pictures that its persona is made of, where several
}

type sampleEntry struct {
	Source int     `json:"source"`
	Frame  int     `json:"frame"`
	Open   float64 `json:"open"` // gap between the lips, eye distances
	Yaw    float64 `json:"yaw"`
	Lids   float64 `json:"lids"`           // opening of the eye that is shut more, 1 is neutral
	Head   int     `json:"head,omitempty"` // number of the record in head.samples, from 1; 0: not written
}

// sampleWriter writes one pair of files for each region, and the index. Records are planes of Edge x Edge bytes:
// in REGION.samples geometric R G B, true R G B, maps; in REGION.sources portrait R G B, maps.
type sampleWriter struct {
	dir     string
	regions []*regionWriter
	head    *headWriter // nil: whole heads are not wanted
	every   int         // of so many samples one is written as a whole head
	heads   int         // written
	index   struct {
		Version int               `json:"version"`
		Size    int               `json:"size"`
		Regions []portrait.Region `json:"regions"`
		Maps    int               `json:"maps"`
		Sources []SourceEntry     `json:"sources"`
		Samples []sampleEntry     `json:"samples"`
	}
}

type regionWriter struct {
	region          portrait.Region
	mapper          *portrait.Mapper
	samples         *bufio.Writer
	sources         *bufio.Writer
	files           [2]*os.File
	planes          []float32
	picture, target []byte
	maps            []byte
}

// newSampleWriter makes the files in dir. Of heads samples one is written as a whole picture of size pixels; 0: none.
func newSampleWriter(dir string, size, heads int) (*sampleWriter, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // samples are for anybody here
		return nil, err
	}
	w := &sampleWriter{dir: dir, every: heads}
	if heads > 0 {
		var err error
		if w.head, err = newHeadWriter(dir, size); err != nil {
			return nil, err
		}
		w.index.Regions = append(w.index.Regions, w.head.region)
	}
	w.index.Version, w.index.Size, w.index.Maps = 1, size, portrait.MapPlanes
	for _, r := range portrait.Regions() {
		n := r.Edge * r.Edge
		rw := &regionWriter{
			region: r, mapper: portrait.NewMapper(r), planes: make([]float32, 3*n),
			picture: make([]byte, 3*n), target: make([]byte, 3*n), maps: make([]byte, portrait.MapPlanes*n),
		}
		w.regions = append(w.regions, rw)
		w.index.Regions = append(w.index.Regions, r)
		for k, kind := range []string{".samples", ".sources"} {
			f, err := os.Create(filepath.Join(dir, r.Name+kind))
			if err != nil {
				return nil, errors.Join(err, w.Close())
			}
			rw.files[k] = f
		}
		rw.samples, rw.sources = bufio.NewWriterSize(rw.files[0], 1<<20), bufio.NewWriterSize(rw.files[1], 1<<20)
	}
	return w, nil
}

// Source writes the portrait itself.
func (w *sampleWriter) Source(s *reenact.Reenactor, e SourceEntry) error {
	rest := &s.Persona.Face
	still := portrait.Still(rest)
	for _, r := range w.regions {
		anchor := r.region.Anchor(rest)
		a := r.region.Align(&rest.Head, anchor)
		px := a.Scaled(float32(s.Picture.Width))
		r.region.Read(r.planes, s.Picture, &px)
		Quantise(r.picture, r.planes)
		r.mapper.Maps(r.maps, &still, rest, anchor, &a)
		for _, b := range [][]byte{r.picture, r.maps} {
			if _, err := r.sources.Write(b); err != nil {
				return err
			}
		}
	}
	w.index.Sources = append(w.index.Sources, e)
	if w.head != nil {
		return w.head.source(s)
	}
	return nil
}

// Sample writes what was drawn last, and the truth.
func (w *sampleWriter) Sample(s *reenact.Reenactor, sh *Shot, p reenact.Placement) error {
	rest := &s.Persona.Face
	for _, r := range w.regions {
		anchor := r.region.Anchor(rest)
		a := r.region.Align(&s.State.Head, anchor)
		px := a.Scaled(float32(s.Drawn.Width))
		r.region.Read(r.planes, s.Drawn, &px)
		Quantise(r.picture, r.planes)
		reenact.Truth(r.target, r.region.Edge, sh.View, p, a)
		r.mapper.Maps(r.maps, &s.State, rest, anchor, &a)
		for _, b := range [][]byte{r.picture, r.target, r.maps} {
			if _, err := r.samples.Write(b); err != nil {
				return err
			}
		}
	}
	yaw, _, _ := motion.Angles(s.State.Head.R)
	e := sampleEntry{
		Source: len(w.index.Sources) - 1, Frame: sh.Frame, Open: float64(s.State.MouthOpen), Yaw: yaw,
		Lids: float64(min(s.State.Lid[0], s.State.Lid[1])),
	}
	if w.head != nil && len(w.index.Samples)%w.every == 0 {
		if err := w.head.sample(s, sh, p); err != nil {
			return err
		}
		w.heads++
		e.Head = w.heads
	}
	w.index.Samples = append(w.index.Samples, e)
	return nil
}

// Quantise makes bytes of numbers 0..1.
func Quantise(dst []byte, src []float32) {
	for i, v := range src {
		dst[i] = byte(v*255 + 0.5)
	}
}

// finish writes the index of all records so far, without which they mean nothing.
func (w *sampleWriter) finish() error {
	for _, r := range w.regions {
		if err := errors.Join(r.samples.Flush(), r.sources.Flush()); err != nil {
			return err
		}
	}
	if w.head != nil {
		if err := w.head.flush(); err != nil {
			return err
		}
	}
	b, err := json.Marshal(&w.index)
	if err != nil {
		return err
	}
	at := filepath.Join(w.dir, "index.json")
	if err := os.WriteFile(at+".new", b, 0o644); err != nil { //nolint:gosec // samples are for anybody here
		return err
	}
	return os.Rename(at+".new", at)
}

// Close closes the files.
func (w *sampleWriter) Close() error {
	var err error
	if w.head != nil {
		err = w.head.Close()
	}
	for _, r := range w.regions {
		for k, f := range r.files {
			if f != nil {
				err = errors.Join(err, f.Close())
				r.files[k] = nil
			}
		}
	}
	return err
}
