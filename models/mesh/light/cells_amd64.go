//go:build amd64 && !purego

package light

import "golang.org/x/sys/cpu"

//go:generate go run -C ../../asm . -kernels light -out ../mesh/light/cells_amd64.s

//go:noescape
func cellsAVX2(row *byte, line *int32, cells, width, k, shift, zero, most int)

// cells is cellsOne for at least one cell.
func (p *plane) cells(row []byte, line []int32, width int, shift uint) {
	if !cpu.X86.HasAVX2 || width < 4 {
		p.cellsOne(row, line, width, shift)
		return
	}
	cellsAVX2(&row[0], &line[0], len(line)-1, width, p.k, int(shift), p.zero, p.most)
}
