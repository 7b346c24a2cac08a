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
	"runtime"
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

// smallPersona is the default portrait with a crop of 128 pixels, as a file.
func smallPersona(tb testing.TB) []byte {
	tb.Helper()
	p := meshtest.MonaLisa(tb)
	r := image.Rect(0, 0, 128, 128)
	crop, matte, inside := image.NewRGBA(r), image.NewGray(r), image.NewGray(r)
	draw.ApproxBiLinear.Scale(crop, r, p.Crop, p.Crop.Rect, draw.Src, nil)
	draw.ApproxBiLinear.Scale(matte, r, p.Matte, p.Matte.Rect, draw.Src, nil)
	draw.ApproxBiLinear.Scale(inside, r, p.Inside, p.Inside.Rect, draw.Src, nil)
	p.Crop, p.Matte, p.Inside = crop, matte, inside
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
		e := file[56+48*i:]
		from, size := binary.LittleEndian.Uint64(e[24:]), binary.LittleEndian.Uint64(e[32:])
		binary.LittleEndian.PutUint32(e[40:], crc32.ChecksumIEEE(file[from:from+size]))
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
	return fileOf(tb, p)
}

// use reads a file and draws frames of it, moved by a driver. It tells whether there was something to draw.
func use(tb testing.TB, file []byte, frames int) bool {
	tb.Helper()
	p, err := persona.Read(bytes.NewReader(file))
	if err != nil {
		if _, ok := errors.AsType[*persona.Error](err); !ok {
			tb.Fatalf("a refusal without words: %v", err)
		}
		return false
	}
	r, err := New(p, Options{Size: 256})
	if err != nil {
		return false
	}
	defer r.Close()
	dst := meshtest.Frame(tb, 256)
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
	file := smallPersona(f)
	for kind := range 12 {
		for seed := range 4 {
			f.Add(uint8(kind), uint64(seed))
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, seed uint64) { bounded(t, hostile(t, file, kind, seed)) })
}

// hostile is one of twelve kinds of changed files.
func hostile(tb testing.TB, file []byte, kind uint8, seed uint64) []byte {
	tb.Helper()
	switch kind % 12 {
	case 10:
		return repainted(tb, file, seed)
	case 11:
		return mutated(repainted(tb, file, seed), uint8(seed>>1), seed)
	}
	return mutated(file, kind%12, seed)
}

// bounded uses a file and measures what it took.
func bounded(t *testing.T, file []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := cpuTime()
	use(t, file, 30)
	took := cpuTime() - begin
	runtime.ReadMemStats(&after)
	if took > mostTime {
		t.Errorf("it took %v of a processor", took)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > mostMemory {
		t.Errorf("it took %d MiB", n>>20)
	}
}

// TestHostilePersonas draws what passes: of all changed files some must, or the test tests nothing but refusals. With
// GIOCONDA_HOSTILE=FROM-TO in the environment it goes through seeds FROM to TO instead of the first few, twelve files each.
func TestHostilePersonas(t *testing.T) {
	file := smallPersona(t)
	if !use(t, file, 2) {
		t.Fatal("the file that all is made from is refused")
	}
	from, to, frames := 0, 12, 3
	if testing.Short() {
		to = 3
	}
	if many := os.Getenv("GIOCONDA_HOSTILE"); many != "" {
		if _, err := fmt.Sscanf(many, "%d-%d", &from, &to); err != nil {
			t.Fatal(err)
		}
		frames = 30
	}
	drawn, slowest := 0, time.Duration(0)
	for seed := from; seed < to; seed++ {
		for kind := range uint8(12) {
			begin := cpuTime()
			if use(t, hostile(t, file, kind, uint64(seed)), frames) {
				drawn++
			}
			if took := cpuTime() - begin; took > slowest {
				slowest = took
				t.Logf("kind %d, seed %d took %v of a processor", kind, seed, took)
			}
		}
		if seed%100 == 99 {
			t.Logf("%d files, %d drawn", 12*(seed-from+1), drawn)
		}
	}
	if drawn < to-from || slowest > mostTime {
		t.Errorf("%d of %d changed files are drawn; the slowest took %v", drawn, 12*(to-from), slowest)
	}
}
