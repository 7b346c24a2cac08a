// Package texmap draws textured and coloured triangles into I420 pictures, in fixed point and without allocations: the layers of
// package mesh that are moved as a whole.
//
// A triangle has three vertices, each with a place in the output and one in the texture. Pixel (i, j) covers [i, i+1) x [j, j+1);
// pixels whose centre lies inside are drawn, and on a shared edge exactly one of two neighbours draws, so a mesh has neither gaps
// nor double pixels. Drawing into one band touches no row outside of it: bands may be drawn at the same time.
//
// # Decision: assembly for the spans
//
// The loops in draw.go are bound by instructions, about a hundred for a pixel. On amd64 with AVX2 and on arm64 kernels take their place that
// draw eight pixels at a time and plan several rows at a time (spans_amd64.s, spans_arm64.s, written by models/asm). Neighbourhoods are read
// one by one: with the gather instruction of AVX2 a picture took 1.35 times as long on Zen 3, NEON has none, and Go's own vectors can do neither.
// Their bytes are the same; TestKernelsDrawTheSame and a fuzz target compare them over every size, alignment and place. Mattes and soft edges
// stay in Go: few watch the one, few pixels are of the other.
//
// So that bytes are the same on all processors too, products of floats are rounded before they are summed (see cross):
// TestSameEverywhere has a sum of what is drawn.
package texmap
