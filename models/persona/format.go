package persona

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// FormatVersion is the version of the file format that this package reads and writes; see FORMAT.md.
const FormatVersion = 1

const (
	magic        = "GIOCPRSN"
	headerSize   = 56
	entrySize    = 48
	nameSize     = 24
	maxOther     = 57 // sections of optional layers
	maxSections  = 2 + 5*MaxViews + maxOther
	maxFile      = 64 << 20
	maxManifest  = 64 << 10
	maxTriangles = 4096
	minFileEdge  = 32 // of a crop; maxCropEdge is the most
)

// Names of the sections that are not a view's.
const (
	sectionManifest  = "manifest.json"
	sectionTriangles = "triangles.u16"
)

// section is a named part of a file.
type section struct {
	name string
	data []byte
}

// Write writes the file of p to w: the same bytes for the same persona. An error is w's, or says what of p does not
// fit the format.
func (p *Persona) Write(w io.Writer) error {
	data, err := p.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// encode lays out the whole file in memory; a persona has 1 to 5 MB a view.
func (p *Persona) encode() ([]byte, error) {
	sections, err := p.sections()
	if err != nil {
		return nil, fmt.Errorf("writing persona %q: %w", p.Manifest.ID, err)
	}
	out := layout(sections)
	if len(out) > maxFile {
		return nil, fmt.Errorf("writing persona %q: it would have %d MB; at most %d fit", p.Manifest.ID, len(out)>>20, maxFile>>20)
	}
	return out, nil
}

// layout joins sections to a file.
func layout(sections []section) []byte {
	size := headerSize + entrySize*len(sections)
	out := make([]byte, size, size+1<<20)
	for i, s := range sections {
		e := out[headerSize+entrySize*i:]
		copy(e[:nameSize], s.name)
		binary.LittleEndian.PutUint64(e[24:], uint64(len(out)))
		binary.LittleEndian.PutUint64(e[32:], uint64(len(s.data)))
		binary.LittleEndian.PutUint32(e[40:], crc32.ChecksumIEEE(s.data))
		out = append(out, s.data...)
	}
	copy(out, magic)
	binary.LittleEndian.PutUint16(out[8:], FormatVersion)
	binary.LittleEndian.PutUint16(out[10:], uint16(len(sections)))
	binary.LittleEndian.PutUint64(out[16:], uint64(len(out)))
	sum := sha256.Sum256(out[headerSize:])
	copy(out[24:], sum[:])
	return out
}

// sections are the parts of p in the file's order: what every persona has, then all others by name.
func (p *Persona) sections() ([]section, error) {
	if err := p.fits(); err != nil {
		return nil, err
	}
	m := p.Manifest
	m.Version = FormatVersion
	manifest, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(manifest) > maxManifest {
		return nil, fmt.Errorf("the manifest has %d bytes; at most %d fit", len(manifest), maxManifest)
	}
	out := []section{{sectionManifest, manifest}}
	if out, err = p.appendParts(out, 1); err != nil {
		return nil, err
	}
	out = append(out, section{sectionTriangles, p.triangles()})
	if out, err = p.appendFull(out, 1); err != nil {
		return nil, err
	}
	required := len(out)
	for i := range p.Others {
		v, n := &p.Others[i], i+2
		if out, err = v.appendParts(out, n); err != nil {
			return nil, err
		}
		if out, err = v.appendFull(out, n); err != nil {
			return nil, err
		}
	}
	behind, err := p.Behind.sections()
	if err != nil {
		return nil, err
	}
	out = append(out, behind...)
	for name, data := range p.Sections {
		out = append(out, section{name, data})
	}
	slices.SortFunc(out[required:], func(a, b section) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

// fits tells whether the format can hold p, so that what is written can be read again.
func (p *Persona) fits() error {
	if err := p.View.fits(); err != nil {
		return err
	}
	for i := range p.Others {
		v := &p.Others[i]
		if err := errors.Join(v.fits(), v.meshFits(p.Triangles)); err != nil {
			return fmt.Errorf("view %d: %w", i+2, err)
		}
	}
	switch {
	case len(p.Others) >= MaxViews:
		return fmt.Errorf("%d views; at most %d fit", 1+len(p.Others), MaxViews)
	case len(p.Triangles) == 0 || len(p.Triangles) > maxTriangles:
		return fmt.Errorf("%d triangles; there must be 1 to %d", len(p.Triangles), maxTriangles)
	case !validID(p.Manifest.ID):
		return fmt.Errorf("the ID %q is not 1 to %d of a-z, 0-9 and hyphen", p.Manifest.ID, maxID)
	case p.optional() > maxOther:
		return fmt.Errorf("%d extra sections are too many", p.optional())
	}
	if err := p.Behind.fits(p.Crop.Rect); err != nil {
		return err
	}
	if err := p.meshFits(p.Triangles); err != nil {
		return err
	}
	for name := range p.Sections {
		if !validSection(name) || !isOther(name) {
			return fmt.Errorf("%q cannot name a section", name)
		}
	}
	return nil
}

// optional counts the sections that are no view's and not required.
func (p *Persona) optional() int {
	if p.Behind == nil {
		return len(p.Sections)
	}
	return len(p.Sections) + 2
}

// isOther tells whether a name is none of those that this package gives.
func isOther(name string) bool {
	view, _ := viewPart(name)
	return view == 0 && !slices.Contains([]string{sectionManifest, sectionTriangles, sectionBehind, sectionSeen}, name)
}

func validSection(name string) bool {
	return name != "" && len(name) <= nameSize && isPlain(name, "._-")
}

func (p *Persona) triangles() []byte {
	out := make([]byte, 0, 6*len(p.Triangles))
	for _, t := range p.Triangles {
		for _, i := range t {
			out = binary.LittleEndian.AppendUint16(out, i)
		}
	}
	return out
}
