package measure

import (
	"bufio"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// sheetRow is one frame of a sheet: the truth, then what is served for each number of pictures.
type sheetRow struct {
	opening, blink float32
	cells          []*image.RGBA
}

const cellEdge = 256

// add keeps the face of a picture.
func (r *sheetRow) add(m *image.RGBA, st *motion.State) {
	nose := st.Head.Apply(st.Points[motion.NoseTip])
	half := float32(1.75) * st.Head.Scale
	at := func(v float32) int { return int(v * quality.Edge) }
	cell := image.NewRGBA(image.Rect(0, 0, cellEdge, cellEdge))
	draw.CatmullRom.Scale(cell, cell.Rect, m, image.Rect(at(nose.X-half), at(nose.Y-half), at(nose.X+half), at(nose.Y+half)), draw.Src, nil)
	r.cells = append(r.cells, cell)
}

// write writes the frames with the widest mouths, one of the middle, and the one whose eyes are shut most, below each other.
func (t *trial) write(dir string) (err error) {
	if dir == "" || len(t.sheet) < 4 {
		return nil
	}
	rows := slices.Clone(t.sheet)
	slices.SortFunc(rows, func(a, b sheetRow) int { return int(1e4 * (b.opening - a.opening)) })
	shut := slices.MinFunc(rows, func(a, b sheetRow) int { return int(1e4 * (a.blink - b.blink)) })
	rows = []sheetRow{rows[0], rows[len(rows)/4], rows[len(rows)/2], shut}
	sheet := image.NewRGBA(image.Rect(0, 0, cellEdge*len(rows[0].cells), cellEdge*len(rows)))
	for y, r := range rows {
		for x, c := range r.cells {
			draw.Copy(sheet, image.Pt(x*cellEdge, y*cellEdge), c, c.Rect, draw.Src, nil)
		}
	}
	if err = os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // sheets are for looking at
		return err
	}
	f, err := os.Create(filepath.Join(dir, strings.ReplaceAll(t.out.Name, ".", "_")+".png"))
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, f)
	w := bufio.NewWriter(f)
	if err := png.Encode(w, sheet); err != nil {
		return err
	}
	return w.Flush()
}
