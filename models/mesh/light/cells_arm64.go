//go:build arm64 && !purego

package light

//go:generate go run -C ../../asm ./neon -kernels light -out ../mesh/light/cells_arm64.s

//go:noescape
func cellsNEON(row *byte, line *int32, cells, width, k, shift, zero, most int)

// cells is cellsOne for at least one cell.
func (p *plane) cells(row []byte, line []int32, width int, shift uint) {
	if width < 4 {
		p.cellsOne(row, line, width, shift)
		return
	}
	cellsNEON(&row[0], &line[0], len(line)-1, width, p.k, int(shift), p.zero, p.most)
}
