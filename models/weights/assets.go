package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Where the pinned packages keep their networks, relative to the folder given to Build.
const (
	packedDir    = "@mediapipe/face_mesh"
	packedData   = "face_mesh_solution_packed_assets.data"
	packedTable  = "face_mesh_solution_packed_assets_loader.js"
	selfieFile   = "@mediapipe/selfie_segmentation/selfie_segmentation.tflite"
	maxAssetSize = 32 << 20
)

// packed is an archive of files laid end to end, with the table of where each begins.
type packed struct {
	data  []byte
	files []packedFile
}

type packedFile struct {
	Name  string `json:"filename"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// openPacked reads the archive and the table out of the script that would load it in a browser.
func openPacked(npmDir string) (*packed, error) {
	data, err := readAsset(filepath.Join(npmDir, packedDir, packedData))
	if err != nil {
		return nil, err
	}
	script, err := readAsset(filepath.Join(npmDir, packedDir, packedTable))
	if err != nil {
		return nil, err
	}
	files, err := parseTable(string(script), len(data))
	if err != nil {
		return nil, err
	}
	return &packed{data: data, files: files}, nil
}

// parseTable finds the call that carries the table and decodes its argument.
func parseTable(script string, size int) ([]packedFile, error) {
	const opening = `loadPackage({"files"`
	at := strings.LastIndex(script, opening)
	if at < 0 {
		return nil, fmt.Errorf("%s holds no file table: reinstall it with %q", packedTable, installCommand)
	}
	var table struct {
		Files []packedFile `json:"files"`
	}
	d := json.NewDecoder(strings.NewReader(script[at+len("loadPackage("):]))
	if err := d.Decode(&table); err != nil {
		return nil, fmt.Errorf("the file table in %s cannot be read: %w", packedTable, err)
	}
	for _, f := range table.Files {
		if f.Start < 0 || f.End < f.Start || f.End > size {
			return nil, fmt.Errorf("%s places %s outside the archive", packedTable, f.Name)
		}
	}
	return table.Files, nil
}

// file returns the bytes of the file whose path ends in name.
func (p *packed) file(name string) ([]byte, error) {
	for _, f := range p.files {
		if strings.HasSuffix(f.Name, "/"+name) {
			return p.data[f.Start:f.End:f.End], nil
		}
	}
	return nil, fmt.Errorf("%s does not hold %s: the package has another version than the pinned one", packedData, name)
}

func readAsset(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is missing; run %q at the root of the project", ErrNoPackages, path, installCommand)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the pinned packages: %w", err)
	}
	if info.Size() > maxAssetSize {
		return nil, fmt.Errorf("%s has %d bytes, more than the limit of %d", path, info.Size(), maxAssetSize)
	}
	return os.ReadFile(path)
}
