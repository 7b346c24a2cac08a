// Package texmap draws textured and coloured triangles into I420 pictures, in fixed point and without allocations: the layers of
// package mesh that are moved as a whole.
//
// A triangle has three vertices, each with a place in the output and one in the texture. Pixel (i, j) covers [i, i+1) x [j, j+1);
// pixels whose centre lies inside are drawn, and on a shared edge exactly one of two neighbours draws, so a mesh has neither gaps
// nor double pixels. Drawing into one band touches no row outside of it: bands may be drawn at the same time.
package texmap
