package persona

import (
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// LoadManifest reads only the manifest of the persona file at path, in well under a millisecond. It checks the
// manifest's own sum, not the whole file's. Errors are those of Load.
func LoadManifest(path string) (Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return Manifest{}, refuseFor(err, CodeUnknown, "The persona file %s cannot be opened: %v.", path, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	m, err := readManifest(f, fileSize(f))
	if err != nil {
		return Manifest{}, inWords(err, filepath.Base(path))
	}
	return m, nil
}

func readManifest(f io.ReaderAt, size int64) (m Manifest, err error) {
	head := make([]byte, min(size, headerSize+entrySize*maxSections))
	if _, err = f.ReadAt(head, 0); err != nil {
		return m, err
	}
	table, err := parseTable(head, size)
	if err != nil {
		return m, err
	}
	for _, e := range table {
		if e.name != sectionManifest || e.length > maxManifest {
			continue
		}
		data := make([]byte, e.length)
		if _, err = f.ReadAt(data, int64(e.offset)); err != nil {
			return m, err
		}
		if crc32.ChecksumIEEE(data) != e.crc {
			return m, errSum
		}
		return parseManifest(data)
	}
	return m, errors.New("a required section is missing")
}
