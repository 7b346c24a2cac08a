package persona

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// tinyPersona is a whole persona with a crop of 32 pixels.
func tinyPersona(id string) *Persona {
	r := image.Rect(0, 0, 32, 32)
	p := &Persona{
		Manifest: Manifest{
			Version: FormatVersion, ID: id, Name: "Tiny", Created: aDay(), SourceSize: [2]int{40, 30},
			Attested: true, AttestedAs: Attestation, FaceCount: 1, Warnings: []Warning{{"dark", "It is dark."}},
		},
		View: View{
			Crop: image.NewRGBA(r), Inside: image.NewGray(r), Matte: image.NewGray(r), Place: Place{X: -3.5, Y: 2, Edge: 31.25},
		},
		Triangles: [][3]uint16{{0, 1, 2}, {3, 4, landmark.Count - 1}},
		Sections:  map[string][]byte{"layer.a": {1, 2, 3}, "layer.b": {}},
	}
	full := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range full.Pix {
		full.Pix[i] = uint8(i*7) | 3
		if i%4 == 3 {
			full.Pix[i] = 255
		}
	}
	p.Full = NewFull(full)
	for i := range 32 * 32 {
		p.Crop.SetRGBA(i%32, i/32, color.RGBA{uint8(i), uint8(i / 4), uint8(255 - i), 255})
		p.Matte.Pix[i], p.Inside.Pix[i] = uint8(i), 255
	}
	face := fakeFace(16, 14, 10, 0.1, 32)
	p.Face = retarget.NewRest(&face.Points)
	return p
}

func fileOf(tb testing.TB, p *Persona) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	p := tinyPersona("tiny")
	data := fileOf(t, p)
	if again := fileOf(t, tinyPersona("tiny")); !bytes.Equal(data, again) {
		t.Error("the same persona gave other bytes")
	}
	q, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	full, err := q.Full.Image()
	if err != nil || full.Rect != image.Rect(0, 0, 40, 30) || !full.Opaque() {
		t.Fatal("the whole picture", err)
	}
	if again := fileOf(t, q); !bytes.Equal(data, again) {
		t.Error("saving what was loaded gave other bytes")
	}
	p.Full, q.Full = nil, nil // JPEG loses a little
	if !reflect.DeepEqual(p, q) {
		t.Errorf("want %+v,\n got %+v", p.Manifest, q.Manifest)
	}
}

func TestUnfit(t *testing.T) {
	for name, spoil := range map[string]func(p *Persona){
		"no crop":      func(p *Persona) { p.Crop = nil },
		"not square":   func(p *Persona) { p.Crop = image.NewRGBA(image.Rect(0, 0, 32, 40)) },
		"other matte":  func(p *Persona) { p.Matte = image.NewGray(image.Rect(0, 0, 40, 40)) },
		"transparent":  func(p *Persona) { p.Crop.Pix[3] = 0 },
		"no mesh":      func(p *Persona) { p.Triangles = nil },
		"bad id":       func(p *Persona) { p.Manifest.ID = "../tiny" },
		"bad section":  func(p *Persona) { p.Sections = map[string][]byte{"UPPER": nil} },
		"own section":  func(p *Persona) { p.Sections = map[string][]byte{partCrop: nil} },
		"long section": func(p *Persona) { p.Sections = map[string][]byte{strings.Repeat("a", 25): nil} },
	} {
		p := tinyPersona("tiny")
		spoil(p)
		if err := p.Write(&bytes.Buffer{}); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// reseal puts length and sum right, so that what is beneath is reached.
func reseal(data []byte) []byte {
	if len(data) < headerSize {
		return data
	}
	binary.LittleEndian.PutUint64(data[16:], uint64(len(data)))
	sum := sha256.Sum256(data[headerSize:])
	copy(data[24:], sum[:])
	return data
}

func TestDamaged(t *testing.T) {
	good := fileOf(t, tinyPersona("tiny"))
	edit := func(f func(data []byte) []byte) []byte { return f(bytes.Clone(good)) }
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, CodeCorrupted},
		{"a picture", []byte("\x89PNG\r\n\x1a\n................................................"), CodeCorrupted},
		{"only magic", good[:8], CodeTruncated},
		{"only the header", good[:headerSize], CodeTruncated},
		{"half", good[:len(good)/2], CodeTruncated},
		{"without its last byte", good[:len(good)-1], CodeTruncated},
		{"one byte more", append(bytes.Clone(good), 0), CodeCorrupted},
		{"another version", edit(func(d []byte) []byte { d[8] = 2; return d }), CodeVersion},
		{"a changed byte", edit(func(d []byte) []byte { d[len(d)-9]++; return d }), CodeCorrupted},
		{"no sections", edit(func(d []byte) []byte { d[10] = 0; return d }), CodeCorrupted},
		{"65535 sections", edit(func(d []byte) []byte { d[10], d[11] = 255, 255; return d }), CodeCorrupted},
		{"a section beyond the end", edit(func(d []byte) []byte { d[headerSize+32+5] = 1; return reseal(d) }), CodeCorrupted},
		{"an offset elsewhere", edit(func(d []byte) []byte { d[headerSize+24]++; return reseal(d) }), CodeCorrupted},
		{"manifest renamed", edit(func(d []byte) []byte { d[headerSize]++; return reseal(d) }), CodeCorrupted},
		{"manifest of another version", edit(func(d []byte) []byte {
			return reseal(bytes.Replace(d, []byte(`{"version":1,`), []byte(`{"version":9,`), 1))
		}), CodeVersion},
		{"number not finite", edit(func(d []byte) []byte {
			at := bytes.Index(d, tinyPersona("tiny").rest())
			copy(d[at:], "\xff\xff\xff\xff")
			return reseal(d)
		}), CodeCorrupted},
		{"index out of range", edit(func(d []byte) []byte {
			at := bytes.Index(d, tinyPersona("tiny").triangles())
			d[at+1] = 2
			return reseal(d)
		}), CodeCorrupted},
		{"a crop of 30000 x 30000", edit(func(d []byte) []byte {
			_, size, _ := bytes.Cut(d, []byte("IHDR"))
			copy(size, "\x00\x00\x75\x30\x00\x00\x75\x30")
			return reseal(d)
		}), CodeCorrupted},
	} {
		p, err := Read(bytes.NewReader(c.data))
		if code(err) != c.want || p != nil {
			t.Errorf("%s: %q (%v), want %q", c.name, code(err), err, c.want)
		} else if !strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%s: %q is not a sentence", c.name, err)
		}
	}
	for i := 0; i < len(good); i += 7 { // no single changed byte goes unnoticed, but for the four that are 0
		data := bytes.Clone(good)
		data[i] ^= 0x10
		if _, err := Read(bytes.NewReader(data)); err == nil && (i < 12 || i >= 16) {
			t.Fatalf("byte %d was changed and nobody noticed", i)
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tiny.persona")
	if _, err := Load(path); code(err) != CodeUnknown || !errors.Is(err, os.ErrNotExist) {
		t.Error("a missing file:", err)
	}
	p := tinyPersona("tiny")
	for range 2 { // the second time over the first
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if q, err := Load(path); err != nil || q.Manifest.ID != "tiny" {
		t.Error(err)
	}
	if m, err := LoadManifest(path); err != nil || !reflect.DeepEqual(m, p.Manifest) {
		t.Errorf("%+v, %v", m, err)
	}
	if err := p.Save(filepath.Join(t.TempDir(), "missing", "x.persona")); code(err) != CodeNotSaved {
		t.Error("a missing folder:", err)
	}
}

// failing is a file on a disk that fails.
type failing struct {
	*os.File
	write, sync error
}

func (f failing) Write(data []byte) (int, error) {
	if f.write != nil {
		n, err := f.File.Write(data[:len(data)/2])
		return n, errors.Join(f.write, err)
	}
	return f.File.Write(data)
}

func (f failing) Sync() error { return f.sync }

func TestFullDisk(t *testing.T) {
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	for name, c := range map[string]struct {
		failing
		want string
	}{
		"while writing":    {failing{write: full}, CodeDiskFull},
		"while syncing":    {failing{sync: full}, CodeDiskFull},
		"with a bad drive": {failing{sync: syscall.EIO}, CodeNotSaved},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "kept.persona")
		if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
			t.Fatal(err)
		}
		err := replaceFile(path, []byte("afterwards"), func(dir string) (tempFile, error) {
			f, err := os.CreateTemp(dir, ".saving-*")
			c.File = f
			return c.failing, err
		})
		if code(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		left, readErr := os.ReadFile(path)
		files, dirErr := os.ReadDir(dir)
		if string(left) != "before" || len(files) != 1 || readErr != nil || dirErr != nil {
			t.Errorf("%s: %q and %d files are left", name, left, len(files))
		}
	}
}

func FuzzRead(f *testing.F) {
	good := fileOf(f, tinyPersona("tiny"))
	f.Add(good)
	f.Add(good[:headerSize])
	f.Add(good[:len(good)/2])
	bare := tinyPersona("bare")
	bare.Full, bare.Sections = nil, nil
	f.Add(fileOf(f, bare))
	several := tinyWith(3)
	several.Others[0].Full = several.Full
	f.Add(fileOf(f, several))
	f.Add(fileOf(f, tinyBehind(2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = reseal(bytes.Clone(data))
		m, headErr := readManifest(bytes.NewReader(data), int64(len(data)))
		p, err := Read(bytes.NewReader(data))
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code() == "" {
				t.Fatalf("%v is no refusal in words", err)
			}
			return
		}
		if headErr == nil && m.ID != p.Manifest.ID { // its own sum is not put right above
			t.Fatalf("the manifest alone says %q, the whole file %q", m.ID, p.Manifest.ID)
		}
		for _, v := range append([]View{p.View}, p.Others...) {
			if img, err := v.Full.Image(); err == nil && max(img.Rect.Dx(), img.Rect.Dy()) > fullEdge {
				t.Fatal("a whole picture of", img.Rect)
			}
		}
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			t.Fatal("what was read cannot be written:", err)
		}
		if _, err := Read(&b); err != nil {
			t.Fatal("what was written cannot be read:", err)
		}
	})
}
