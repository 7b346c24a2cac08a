package quality

import (
	"bufio"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
)

// sheet is a contact sheet: driver above, portrait below.
type sheet struct {
	name  string
	cells []*image.RGBA
}

const sheetColumns = 7

func newSheet(name string) *sheet { return &sheet{name: name} }

// add draws one pair.
func (s *sheet) add(label string, source, portrait *image.RGBA) {
	cell := image.NewRGBA(image.Rect(0, 0, driver.ViewEdge, 2*driver.ViewEdge))
	draw.Draw(cell, image.Rect(0, 0, driver.ViewEdge, driver.ViewEdge), source, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(cell, image.Rect(0, driver.ViewEdge, driver.ViewEdge, 2*driver.ViewEdge), portrait, portrait.Bounds(), draw.Src, nil)
	d := font.Drawer{Dst: cell, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(4, 14)}
	d.DrawString(label)
	s.cells = append(s.cells, cell)
}

func (s *sheet) write(dir string) (err error) {
	if err = os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // sheets are for looking at
		return err
	}
	rows := (len(s.cells) + sheetColumns - 1) / sheetColumns
	img := image.NewRGBA(image.Rect(0, 0, sheetColumns*driver.ViewEdge, rows*2*driver.ViewEdge))
	for i, c := range s.cells {
		at := image.Pt(i%sheetColumns*driver.ViewEdge, i/sheetColumns*2*driver.ViewEdge)
		draw.Draw(img, c.Bounds().Add(at), c, image.Point{}, draw.Src)
	}
	f, err := os.Create(filepath.Join(dir, s.name+".png"))
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, f)
	w := bufio.NewWriter(f)
	if err := png.Encode(w, img); err != nil {
		return err
	}
	return w.Flush()
}
