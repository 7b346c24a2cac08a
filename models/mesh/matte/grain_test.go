package matte

import (
	"slices"
	"testing"
)

// TestGrainComesFromTheNearerSide: a gap takes the mirror image of what lies beyond its nearer border, never what is not sure.
func TestGrainComesFromTheNearerSide(t *testing.T) {
	for _, tc := range []struct {
		sure []float32
		want []int
	}{
		{[]float32{1, 1, 1, 0, 0, 0, 0, 1, 1, 1}, []int{-1, -1, -1, 1, 0, 9, 8, -1, -1, -1}},
		{[]float32{0, 0, 1, 1, 1}, []int{4, 3, -1, -1, -1}},
		{[]float32{1, 1, 0, 0, 0}, []int{-1, -1, 0, -1, -1}},
		{[]float32{0, 1, 0, 1, 1}, []int{-1, -1, -1, -1, -1}},
		{[]float32{0, 0, 0}, []int{-1, -1, -1}},
	} {
		from := make([]int, len(tc.sure))
		if grainColumns(from, tc.sure); !slices.Equal(from, tc.want) {
			t.Errorf("%v takes grain from %v, want %v", tc.sure, from, tc.want)
		}
	}
}
