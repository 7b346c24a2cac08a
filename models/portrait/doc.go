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
// # Batches and devices
//
// Model.Paint takes the pictures that are due together. On a GPU each part has one session per batch size of the manifest
// and the smallest that holds the pictures runs; on the CPU pictures go one by one, since a network that fills a core is no
// faster for two. Encoders always compute on the CPU, once per portrait, on the goroutine that prepares a persona: they have
// sessions and memory of their own behind a mutex, so the loop's thread never waits for them.
//
// Parts of kind difference add to the picture inside a mask; parts of kind picture give a region's new picture, and what
// they changed is added, so that what they leave alone stays sharp (see Part).
//
// The same functions make the training samples (`gioconda dataset`), so that training and serving cannot drift apart.
package portrait
