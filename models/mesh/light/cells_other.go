//go:build !(amd64 || arm64) || purego

package light

func (p *plane) cells(row []byte, line []int32, width int, shift uint) {
	p.cellsOne(row, line, width, shift)
}
