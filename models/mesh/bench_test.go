package mesh

import (
	"strconv"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

func BenchmarkRender256(b *testing.B)  { benchmarkRender(b, 256, 1, false) }
func BenchmarkRender512(b *testing.B)  { benchmarkRender(b, 512, 1, false) }
func BenchmarkRender768(b *testing.B)  { benchmarkRender(b, 768, 1, false) }
func BenchmarkRender1024(b *testing.B) { benchmarkRender(b, 1024, 1, false) }

func BenchmarkRender512TwoCores(b *testing.B) { benchmarkRender(b, 512, 2, false) }
func BenchmarkRender512Matte(b *testing.B)    { benchmarkRender(b, 512, 1, true) }

func benchmarkRender(b *testing.B, size, workers int, matte bool) {
	p := meshtest.MonaLisa(b)
	r := newTestRenderer(b, Options{Size: size, Workers: workers})
	f := meshtest.Frame(b, size)
	if matte {
		f.Matte = frame.NewMatte(f)
	}
	var list []motion.State
	for i := range 30 {
		st := meshtest.Turned(p, float64(i%7)*4-12, float64(i%5)*3-6, float64(i%3)*4-4)
		meshtest.Gape(p, &st, float32(i%6)*0.08)
		meshtest.Blink(p, &st, float32(i%10)/10)
		list = append(list, st)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := r.Render(f, &list[i%len(list)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	p := meshtest.MonaLisa(b)
	for _, size := range []int{256, 512, 1024} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			for b.Loop() {
				if _, err := New(p, Options{Size: size}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
