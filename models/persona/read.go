package persona

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// Load reads the persona file at path. Errors are *Error, and wrap fs.ErrNotExist when there is no such file.
func Load(path string) (*Persona, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuseFor(err, CodeUnknown, "There is no persona file at %s; make one with \"gioconda personalise\".", path)
	} else if err != nil {
		return nil, refuseFor(err, CodeUnknown, "The persona file %s cannot be opened: %v.", path, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	return read(f, fileSize(f), filepath.Base(path))
}

// Read reads a persona from r. It reads at most 64 MiB, allocates nothing that the data does not back, and never
// panics. Errors are *Error: persona_truncated, persona_version, or persona_corrupted.
func Read(r io.Reader) (*Persona, error) { return read(r, 0, "") }

// fileSize is a hint for allocation.
func fileSize(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

func read(r io.Reader, hint int64, name string) (*Persona, error) {
	var b bytes.Buffer
	if hint > 0 && hint <= maxFile {
		b.Grow(int(hint) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(r, maxFile+1)); err != nil {
		return nil, refuseFor(err, CodeCorrupted, "%s could not be read: %v.", subject(name), err)
	}
	p, err := parse(b.Bytes())
	if err != nil {
		return nil, inWords(err, name)
	}
	return p, nil
}

// Reasons for refusing a file; inWords makes sentences of them.
var (
	errNotPersona = errors.New("it is not a persona file")
	errTruncated  = errors.New("it ends too early")
	errVersion    = errors.New("its version is another")
	errSum        = errors.New("its checksum is wrong")
)

func subject(name string) string {
	if name == "" {
		return "This persona file"
	}
	return "The persona file " + name
}

func inWords(err error, name string) *Error {
	s := subject(name)
	switch {
	case errors.Is(err, errNotPersona):
		return refuseFor(err, CodeCorrupted, "%s is not one of Gioconda's; choose a file ending in .persona, or make one "+
			"from a picture.", s)
	case errors.Is(err, errTruncated):
		return refuseFor(err, CodeTruncated, "%s ends too early; copy it again, or make it again from its picture.", s)
	case errors.Is(err, errVersion):
		return refuseFor(err, CodeVersion, "%s was made by another version of Gioconda (%v); make it again from its "+
			"picture.", s, err)
	}
	return refuseFor(err, CodeCorrupted, "%s is damaged (%v); copy it again, or make it again from its picture.", s, err)
}

// parse reads a whole file.
func parse(data []byte) (*Persona, error) {
	t, err := parseTable(data, int64(len(data)))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data[headerSize:]); !bytes.Equal(sum[:], data[24:headerSize]) {
		return nil, errSum
	}
	p := &Persona{}
	if err := p.takeAll(t, data); err != nil {
		return nil, err
	}
	if err := p.complete(); err != nil {
		return nil, err
	}
	return p, nil
}

// entry is one row of the table.
type entry struct {
	name           string
	offset, length uint64
	crc            uint32
}

// parseTable reads header and table from the first bytes of a file of size bytes.
func parseTable(data []byte, size int64) ([]entry, error) {
	n, err := parseHeader(data, size)
	if err != nil {
		return nil, err
	}
	end := int64(headerSize + entrySize*n)
	if int64(len(data)) < end {
		return nil, errTruncated
	}
	seen := map[string]bool{}
	out := make([]entry, n)
	for i := range out {
		e := parseEntry(data[headerSize+entrySize*i:])
		if e.offset != uint64(end) || e.length > uint64(size-end) {
			return nil, fmt.Errorf("section %d lies outside the file", i)
		}
		if !validSection(e.name) || seen[e.name] {
			return nil, fmt.Errorf("section %d has a bad name", i)
		}
		seen[e.name] = true
		out[i] = e
		end += int64(e.length)
	}
	if end != size {
		return nil, errors.New("its sections do not fill it")
	}
	return out, nil
}

// parseHeader reads what stands before the table: how many sections follow, 1 to maxSections.
func parseHeader(data []byte, size int64) (sections int, err error) {
	switch {
	case len(data) < len(magic) || string(data[:len(magic)]) != magic:
		return 0, errNotPersona
	case len(data) < headerSize:
		return 0, errTruncated
	}
	version, sections := binary.LittleEndian.Uint16(data[8:]), int(binary.LittleEndian.Uint16(data[10:]))
	length := binary.LittleEndian.Uint64(data[16:])
	switch {
	case version != FormatVersion:
		return 0, fmt.Errorf("%w: %d instead of %d", errVersion, version, FormatVersion)
	case length > uint64(size):
		return 0, errTruncated
	case length < uint64(size):
		return 0, errors.New("more bytes follow its end")
	case sections < 1 || sections > maxSections:
		return 0, fmt.Errorf("%d sections", sections)
	}
	return sections, nil
}

// parseEntry reads one row of the table, of entrySize bytes.
func parseEntry(b []byte) entry {
	return entry{
		name:   string(bytes.TrimRight(b[:nameSize], "\x00")),
		offset: binary.LittleEndian.Uint64(b[24:]),
		length: binary.LittleEndian.Uint64(b[32:]),
		crc:    binary.LittleEndian.Uint32(b[40:]),
	}
}

// mostReaders is how many cores read the views of one file: nearly all the time goes into their pictures.
const mostReaders = 4

// takeAll reads the sections of a file, those of several views side by side. The error is that of the first section that has one.
func (p *Persona) takeAll(t []entry, data []byte) error {
	views := 1
	for _, e := range t {
		n, _ := viewPart(e.name)
		views = max(views, n)
	}
	p.view(views) // from here on views stay where they are
	errs := make([]error, len(t))
	var parts []int
	for i, e := range t {
		if n, _ := viewPart(e.name); n > 0 {
			parts = append(parts, i)
		} else {
			errs[i] = p.take(e.name, data[e.offset:e.offset+e.length])
		}
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(views, runtime.GOMAXPROCS(0), mostReaders) {
		all.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(parts); k = int(next.Add(1)) - 1 {
				i := parts[k]
				e := &t[i]
				n, part := viewPart(e.name)
				if fault := wall.Run("read", func() { errs[i] = p.view(n).take(part, data[e.offset:e.offset+e.length]) }); fault != nil {
					errs[i] = fault
				}
			}
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", t[i].name, err)
		}
	}
	return nil
}

// take reads one section that is no view's into p.
func (p *Persona) take(name string, data []byte) (err error) {
	switch name {
	case sectionManifest:
		p.Manifest, err = parseManifest(data)
	case sectionTriangles:
		err = p.parseTriangles(data)
	case sectionBehind, sectionSeen:
		if p.Behind == nil {
			p.Behind = &Behind{}
		}
		err = p.Behind.take(name, data)
	default:
		if p.Sections == nil {
			p.Sections = map[string][]byte{}
		}
		p.Sections[name] = bytes.Clone(data)
	}
	return err
}

// view makes room for view n, 1 to MaxViews, and gives it.
func (p *Persona) view(n int) *View {
	if n == 1 {
		return &p.View
	}
	for len(p.Others) < n-1 {
		p.Others = append(p.Others, View{})
	}
	return &p.Others[n-2]
}

// complete checks that the required parts are there and fit together.
func (p *Persona) complete() error {
	if p.Manifest.Version == 0 || p.Face.Head.Scale == 0 {
		return errors.New("a required section is missing")
	}
	return p.fits()
}

func parseManifest(data []byte) (m Manifest, err error) {
	if len(data) > maxManifest {
		return m, errors.New("too long")
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, err
	}
	if m.Version != FormatVersion {
		return m, fmt.Errorf("%w: %d instead of %d", errVersion, m.Version, FormatVersion)
	}
	return m, nil
}

func (p *Persona) parseTriangles(data []byte) error {
	if len(data)%6 != 0 || len(data) > 6*maxTriangles {
		return fmt.Errorf("%d bytes", len(data))
	}
	p.Triangles = make([][3]uint16, len(data)/6)
	for i := range p.Triangles {
		for k := range 3 {
			v := binary.LittleEndian.Uint16(data[6*i+2*k:])
			if v >= landmark.Count {
				return fmt.Errorf("index %d", v)
			}
			p.Triangles[i][k] = v
		}
	}
	return nil
}
