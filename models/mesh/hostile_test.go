package mesh

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// smallPersona is the default portrait with a crop of so many pixels, as a file.
func smallPersona(tb testing.TB, edge int) []byte {
	tb.Helper()
	p := meshtest.MonaLisa(tb)
	r := image.Rect(0, 0, edge, edge)
	crop, matte, inside := image.NewRGBA(r), image.NewGray(r), image.NewGray(r)
	draw.ApproxBiLinear.Scale(crop, r, p.Crop, p.Crop.Rect, draw.Src, nil)
	draw.ApproxBiLinear.Scale(matte, r, p.Matte, p.Matte.Rect, draw.Src, nil)
	draw.ApproxBiLinear.Scale(inside, r, p.Inside, p.Inside.Rect, draw.Src, nil)
	p.Crop, p.Matte, p.Inside = crop, matte, inside
	p.Behind = &persona.Behind{Picture: crop, Seen: matte}
	p.Manifest = persona.Manifest{Version: persona.FormatVersion, ID: "small", Name: "Small"}
	p.Place = persona.Place{X: 10, Y: 20, Edge: 300}
	return fileOf(tb, p)
}

func fileOf(tb testing.TB, p *persona.Persona) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// sections are the places of a file's sections in it, by name; see FORMAT.md of package persona.
func sections(file []byte) map[string][]byte {
	out := map[string][]byte{}
	for i := range int(binary.LittleEndian.Uint16(file[10:])) {
		e := file[56+48*i:]
		from, size := binary.LittleEndian.Uint64(e[24:]), binary.LittleEndian.Uint64(e[32:])
		out[string(bytes.TrimRight(e[:24], "\x00"))] = file[from : from+size]
	}
	return out
}

// seal mends the sums of a file.
func seal(file []byte) []byte {
	for i := range int(binary.LittleEndian.Uint16(file[10:])) {
		if len(file) < 56+48*(i+1) {
			break
		}
		e := file[56+48*i:]
		from, size := binary.LittleEndian.Uint64(e[24:]), binary.LittleEndian.Uint64(e[32:])
		if from <= uint64(len(file)) && size <= uint64(len(file))-from { // what lies outside has no sum
			binary.LittleEndian.PutUint32(e[40:], crc32.ChecksumIEEE(file[from:from+size]))
		}
	}
	sum := sha256.Sum256(file[56:])
	copy(file[24:], sum[:])
	return file
}

// What numbers are replaced by.
func wild(r *rand.Rand, was float32) float32 {
	odd := []float32{0, float32(math.Copysign(0, -1)), 1, -1, 1e-38, 1e-45, 1e10, -1e20, 3e38, 0.5, 1e-6, 4096, -4096, 4, -4, 3.9, 0.02, float32(math.NaN()), float32(math.Inf(1))}
	switch r.IntN(4) {
	case 0:
		return odd[r.IntN(len(odd))]
	case 1:
		return was * float32(math.Pow(10, 2*r.Float64()-1))
	case 2:
		return -was
	}
	return was + float32(math.Pow(10, 3*r.Float64()-3)*(2*r.Float64()-1)) // within what a face can be, mostly
}

// mutated is a copy of a file with other contents and right sums. kind says what is changed, seed how.
func mutated(file []byte, kind uint8, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	file = bytes.Clone(file)
	parts := sections(file)
	rest := parts["rest.f32"]
	change := func(from, to, n int) {
		for range n {
			b := rest[4*(from+r.IntN(to-from)):]
			binary.LittleEndian.PutUint32(b, math.Float32bits(wild(r, math.Float32frombits(binary.LittleEndian.Uint32(b)))))
		}
	}
	const points = 16
	const neutral, end = points + 3*landmark.Count, points + 6*landmark.Count
	each := func(from, to int, f func(x float32) float32) {
		for k := from; k < to; k++ {
			b := rest[4*k:]
			binary.LittleEndian.PutUint32(b, math.Float32bits(f(math.Float32frombits(binary.LittleEndian.Uint32(b)))))
		}
	}
	switch kind % 10 {
	case 0: // a few points of the face
		change(points, neutral, 1+r.IntN(50))
	case 1: // of the neutral face
		change(neutral, end, 1+r.IntN(50))
	case 2: // the pose
		change(0, 13, 1+r.IntN(3))
	case 3: // size and place only
		change(9, points, 1+r.IntN(4))
	case 4: // a face that is blown up, shrunk or noisy
		size, noise := float32(math.Pow(4, 2*r.Float64()-1)), float32(math.Pow(10, 3*r.Float64()-4))
		each(points, end, func(x float32) float32 { return x*size + noise*(2*r.Float32()-1) })
	case 5: // a face that is flat or narrow
		axis, size := r.IntN(3), float32(math.Pow(10, -4*r.Float64()))
		for k := points + axis; k < end; k += 3 {
			each(k, k+1, func(x float32) float32 { return x * size })
		}
	case 6: // the mesh
		list := parts["triangles.u16"]
		for range 1 + r.IntN(len(list)/2) {
			binary.LittleEndian.PutUint16(list[2*r.IntN(len(list)/2):], uint16(r.IntN(landmark.Count+2)))
		}
	case 7: // triangles change places of their corners
		list := parts["triangles.u16"]
		for range 1 + r.IntN(200) {
			i := 6 * r.IntN(len(list)/6)
			a, b := binary.LittleEndian.Uint16(list[i:]), binary.LittleEndian.Uint16(list[i+2:])
			binary.LittleEndian.PutUint16(list[i:], b)
			binary.LittleEndian.PutUint16(list[i+2:], a)
		}
	case 8: // bytes anywhere behind the table
		from := 56 + 48*int(binary.LittleEndian.Uint16(file[10:]))
		for range 1 + r.IntN(8) {
			file[from+r.IntN(len(file)-from)] = byte(r.Uint32())
		}
	case 9: // everything a little
		change(points, end, 200)
		change(0, points, 1)
	}
	return seal(file)
}

// repainted is the file of the same face with other pictures.
func repainted(tb testing.TB, file []byte, seed uint64) []byte {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 8))
	p, err := persona.Read(bytes.NewReader(file))
	if err != nil {
		tb.Fatal(err)
	}
	paint := func(pix []byte) {
		switch r.IntN(4) {
		case 0:
			for k := range pix {
				pix[k] = byte(r.Uint32())
			}
		case 1:
			for k := range pix {
				pix[k] = 255
			}
		case 2:
			clear(pix)
		}
	}
	edge := []int{32, 33, 128, 200}[r.IntN(4)]
	rect := image.Rect(0, 0, edge, edge)
	crop, matte, inside := image.NewRGBA(rect), image.NewGray(rect), image.NewGray(rect)
	draw.ApproxBiLinear.Scale(crop, rect, p.Crop, p.Crop.Rect, draw.Src, nil)
	paint(crop.Pix)
	for k := 3; k < len(crop.Pix); k += 4 {
		crop.Pix[k] = 255
	}
	paint(matte.Pix)
	paint(inside.Pix)
	p.Crop, p.Matte, p.Inside = crop, matte, inside
	seen := image.NewGray(rect)
	paint(seen.Pix)
	p.Behind = &persona.Behind{Picture: crop, Seen: seen}
	return fileOf(tb, p)
}

// use reads a file and draws frames of it with so many pixels a side, moved by a driver. It tells whether there was something to draw.
func use(tb testing.TB, file []byte, frames, size int) bool {
	tb.Helper()
	p, err := persona.Read(bytes.NewReader(file))
	if err != nil {
		if _, ok := errors.AsType[*persona.Error](err); !ok {
			tb.Fatalf("a refusal without words: %v", err)
		}
		return false
	}
	r, err := New(p, Options{Size: size})
	if err != nil {
		return false
	}
	defer r.Close()
	dst := meshtest.Frame(tb, size)
	d := drive.New(&p.Face, drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil)
	moods, err := perform.New("moods")
	if err != nil {
		tb.Fatal(err)
	}
	var sample landmark.Sample
	var st motion.State
	now := time.Unix(1000, 0)
	for f := range frames {
		moods.At(time.Duration(f)*400*time.Millisecond, &sample)
		sample.Seq = uint32(f)
		now = now.Add(33 * time.Millisecond)
		d.Feed(&sample, now)
		d.Pose(&st, now)
		if err := r.Render(dst, &st); err != nil {
			tb.Fatal(err)
		}
	}
	return true
}

// Bounds of what one file may cost; the first grows with what else the machine does.
const (
	mostTime   = 2 * time.Second
	mostMemory = 300 << 20
)

// FuzzPersona: a persona file with right sums and wrong contents is refused, or drawn within bounds.
func FuzzPersona(f *testing.F) {
	file := smallPersona(f, 128)
	for kind := range kinds {
		for seed := range 4 {
			f.Add(uint8(kind), uint64(seed))
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, seed uint64) { bounded(t, hostile(t, file, kind, seed)) })
}

// kinds is how many kinds of changed files hostile makes.
const kinds = 16

// hostile is a changed file: its kind says what is changed, seed how.
func hostile(tb testing.TB, file []byte, kind uint8, seed uint64) []byte {
	tb.Helper()
	switch kind %= kinds; kind {
	case 10:
		return repainted(tb, file, seed)
	case 11:
		return mutated(repainted(tb, file, seed), uint8(seed>>1), seed)
	case 12, 13, 14, 15:
		return repacked(file, kind-12, seed)
	}
	return mutated(file, kind, seed)
}

// section is a named part of a file.
type section struct {
	name string
	data []byte
}

// repacked is a file of changed sections, put together as it should be.
func repacked(file []byte, kind uint8, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 9))
	var parts []section
	for i := range int(binary.LittleEndian.Uint16(file[10:])) {
		e := file[56+48*i:]
		from, size := binary.LittleEndian.Uint64(e[24:]), binary.LittleEndian.Uint64(e[32:])
		parts = append(parts, section{string(bytes.TrimRight(e[:24], "\x00")), bytes.Clone(file[from : from+size])})
	}
	one := &parts[r.IntN(len(parts))]
	switch kind {
	case 0: // header and table
		file = pack(parts)
		for range 1 + r.IntN(4) {
			file[8+r.IntN(48*(len(parts)+1)-1)] = byte(r.Uint32())
		}
		return seal(file)
	case 1: // a section ends early, or late
		if n := r.IntN(2*len(one.data) + 1); n < len(one.data) {
			one.data = one.data[:n]
		} else {
			one.data = append(one.data, make([]byte, n-len(one.data))...)
		}
	case 2: // one is lacking, stands for another, or there is a second view
		switch other := parts[r.IntN(len(parts))]; r.IntN(3) {
		case 0:
			*one = parts[0]
			parts = parts[1:]
		case 1:
			one.data = other.data
		default:
			n := 1 + r.IntN(3)
			for _, p := range parts {
				if p.name == "rest.f32" || strings.HasSuffix(p.name, ".png") && r.IntN(20) > 0 {
					parts = append(parts, section{fmt.Sprintf("view%d.%s", n, p.name), p.data})
				}
			}
		}
	case 3: // bytes of one
		for range 1 + r.IntN(3) {
			if len(one.data) > 0 {
				one.data[r.IntN(len(one.data))] = byte(r.Uint32())
			}
		}
	}
	return pack(parts)
}

// pack makes a file of sections, with right sums.
func pack(parts []section) []byte {
	file := make([]byte, 56+48*len(parts))
	copy(file, "GIOCPRSN")
	binary.LittleEndian.PutUint16(file[8:], persona.FormatVersion)
	binary.LittleEndian.PutUint16(file[10:], uint16(len(parts)))
	for i, p := range parts {
		e := file[56+48*i:]
		copy(e[:24], p.name)
		binary.LittleEndian.PutUint64(e[24:], uint64(len(file)))
		binary.LittleEndian.PutUint64(e[32:], uint64(len(p.data)))
		file = append(file, p.data...)
	}
	binary.LittleEndian.PutUint64(file[16:], uint64(len(file)))
	return seal(file)
}

// bounded uses a file and measures what it took.
func bounded(t *testing.T, file []byte) {
	t.Helper()
	begin, held := cpuTime(), allocated()
	use(t, file, 30, 256)
	if took := cpuTime() - begin; took > mostTime {
		t.Errorf("it took %v of a processor", took)
	}
	if n := allocated() - held; n > mostMemory {
		t.Errorf("it took %d MiB", n>>20)
	}
}

// TestHostilePersonas draws what passes: of all changed files some must, or the test tests nothing but refusals. With
// GIOCONDA_HOSTILE=FROM-TO in the environment it goes through seeds FROM to TO instead of the first few, of a smaller portrait
// and three times of four in smaller pictures: twelve files each with other contents and a hundred put together otherwise, of which
// most are refused.
func TestHostilePersonas(t *testing.T) {
	from, to, frames, edge, each := 0, 12, 3, 128, kinds
	if testing.Short() {
		to = 3
	}
	if many := os.Getenv("GIOCONDA_HOSTILE"); many != "" {
		if _, err := fmt.Sscanf(many, "%d-%d", &from, &to); err != nil {
			t.Fatal(err)
		}
		frames, edge, each = 30, 48, 112
	}
	file := smallPersona(t, edge)
	if !use(t, file, 2, 256) {
		t.Fatal("the file that all is made from is refused")
	}
	drawn, slowest, largest := 0, time.Duration(0), uint64(0)
	for seed := from; seed < to; seed++ {
		for n := range each {
			kind, seed := uint8(n), uint64(seed)
			if n >= kinds {
				kind, seed = uint8(kinds-4+n%4), seed<<8|uint64(n)
			}
			changed := hostile(t, file, kind, seed)
			size := 256
			if each > kinds && seed%4 > 0 {
				size = 96
			}
			begin, held := cpuTime(), allocated()
			if use(t, changed, frames, size) {
				drawn++
			}
			slowest, largest = max(slowest, cpuTime()-begin), max(largest, allocated()-held)
			if slowest > mostTime || largest > mostMemory {
				t.Fatalf("kind %d, seed %d: %v of a processor, %d MiB", kind, seed, slowest, largest>>20)
			}
		}
		if seed%100 == 99 || seed == to-1 {
			t.Logf("%d files, %d drawn; the slowest took %v of a processor, the largest %d MiB", each*(seed-from+1), drawn, slowest, largest>>20)
		}
	}
	if drawn < to-from {
		t.Errorf("%d of %d changed files are drawn", drawn, each*(to-from))
	}
}

// allocated is how many bytes were ever allocated.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
