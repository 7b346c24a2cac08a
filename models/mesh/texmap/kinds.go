package texmap

// kinds tell of each neighbourhood of a plane of opacity what all within kindsReach of it, in both directions, are: kindClear,
// kindOpaque, or else kindMixed, as near the plane's borders. From the kind at one pixel kernels know that of the next seven.
type kinds []byte

const (
	kindClear = iota
	kindMixed
	kindOpaque

	kindsReach = 12 // neighbourhoods
)

func kindsOf(q *quadPlane) kinds {
	k := make(kinds, len(q.pix))
	for i := range k {
		k[i] = kindMixed
	}
	const most = 2*kindsReach + 1
	h := len(q.pix) / q.w
	none, all := make([]int, q.w), make([]int, q.w) // how many of them lie one below another, in each column
	for y := range h {
		var across [2]int // and how many such columns one beside another
		for x, pix := range q.pix[y*q.w : (y+1)*q.w] {
			run(&none[x], pix == 0)
			run(&all[x], pix == 0xffffffff)
			run(&across[0], none[x] >= most)
			run(&across[1], all[x] >= most)
			if middle := (y-kindsReach)*q.w + x - kindsReach; across[0] >= most {
				k[middle] = kindClear
			} else if across[1] >= most {
				k[middle] = kindOpaque
			}
		}
	}
	return k
}

// run counts on, or begins anew.
func run(n *int, on bool) {
	if *n++; !on {
		*n = 0
	}
}

// within is k for a triangle whose next seven pixels always lie within reach, nil for others. finer is by how much what g is of is
// finer than the plane.
func (k kinds) within(g *gradient, finer int32) *byte {
	const most = (kindsReach - 1) << 16 / 7
	if step := max(g.dsdx, -g.dsdx, g.dtdx, -g.dtdx) / finer; len(k) == 0 || step < 0 || step >= most {
		return nil
	}
	return &k[0]
}
