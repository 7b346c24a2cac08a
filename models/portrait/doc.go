// Package portrait is the learned layer: over the geometric layer's picture it repaints what geometry cannot know,
// first of all the inside of the mouth.
//
// # Way of one frame
//
// A region is a square of the face that moves, turns and grows with the head, so that in the region's own pixels the
// upper teeth stand still. Its pixels are read from the drawn picture (Region.Read), maps of the lips are drawn beside
// them (Region.Maps), a generator network turns both, and what an encoder network found in the portrait, into a
// difference of colour, and that difference is added to the drawn picture (Region.Add). Outside a soft mask around the
// lips the difference is zero, so there the geometric layer's picture stays as it is, to the byte.
//
// The same functions make the training samples (`gioconda dataset`), so that training and serving cannot drift apart.
package portrait
