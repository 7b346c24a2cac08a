// Package mesh is the geometric layer: it draws a portrait in any pose and expression by moving the portrait's own
// pixels. Deterministic: the same persona, options and state give the same bytes, whether a processor's vector unit draws (package
// texmap) or plain Go does, which stays the reference and the fallback.
//
// # Layers, from back to front
//
//   - background: the portrait's own with the person painted out, by what other pictures show there where they do, or another. Never
//     moves, so its pixels are bit-stable.
//   - body: torso, neck and the lower part of long hair. Background and body of the last picture are kept, and only what
//     has moved since is drawn (plate.go).
//   - head: hair, hat and ears, then the face.
//   - crease: shade and light beside the nose when the mouth smiles.
//   - eye: eyeballs, lids and lashes, over a face whose eyes are painted shut.
//   - mouth: cavity, tongue and teeth inside the inner lip contour.
//   - light: what the face's shade changes by as head, jaw and cheeks turn from or to the portrait's own light.
//   - badge and marker.
//
// # Packages
//
// The layers between background and badge are packages of that name below this one. Each has a part that New derives from the
// portrait, which is immutable and shared by all renderers of a persona, and a Posed, which one renderer owns: Set moves it to a
// pose, Draw paints a band of the picture. They know nothing of each other. Below them lie matte, which takes the person out of the
// picture, pose, which says where everything is at rest and in a moment, texmap and shade, which draw triangles and single pixels,
// and planar, the pictures that all of it is built from.
//
// # Decision: the permanent reference
//
// This layer stays when a learned one repaints on top of it: it is what a machine without a GPU draws, what a learned layer
// falls back to, and what "correct" means in tests, since it is deterministic. Cost: everything it draws by rule (teeth, lids,
// far cheeks) has to be kept convincing by hand. Nothing is allocated
// for a picture; what one takes is in MEASURED.md.
//
// # Frames and units
//
// Output pixels: pixel (i, j) covers [i, i+1) x [j, j+1); crop units times Options.Size give output pixels.
// Texture pixels: the crop at output scale with a margin around; see package pose.
// Luma is stored at twice that scale (see texmap.Texture), so that a portrait that moves stays as sharp as the picture.
//
// # Marker
//
// A marker is a 16-bit code drawn into luma so that a receiver of the compressed picture can read it.
// With c = floor(width/40) pixels, the code is a grid of 6 columns and 4 rows of cells of c x c pixels whose first
// cell starts at pixel (c, c). A grey margin (Y = 128) of floor(c/2) pixels surrounds the grid. Cells are white (Y
// = 235) or black (Y = 16); chroma is 128 in grid and margin. Cells, row by row:
//
//	row 0:  1   d15 d14 d13 d12  0
//	row 1:  d11 d10 d9  d8  d7  d6
//	row 2:  d5  d4  d3  d2  d1  d0
//	row 3:  0   p3  p2  p1  p0   1
//
// where 1 is white, 0 is black, d15..d0 are the data bits, most significant first, and p3..p0 is the exclusive or
// of the code's four nibbles. A reader averages the middle half of every cell, takes 128 as the threshold, and
// accepts the code when the four corners and the checksum agree.
package mesh
