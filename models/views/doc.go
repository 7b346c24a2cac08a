// Package views draws what a persona's further views know and its first one does not: the person's own teeth, shut lids, folds
// of a smile or a frown.
//
// # Way of one frame
//
// The other layers have drawn the portrait as far as one view goes. New lets them draw each further view's own moment, too,
// and keeps how that differs from the view: its residue. Paint adds to a frame a mix of residues, weighted by how like
// the frame's face is to those of the views. So whatever the layers below draw, only what they lack is added; at the first
// view's own expression nothing is, and far from all views next to nothing.
//
// # Where a residue lies
//
// That of skin lies on the face's mesh, laid flat (chart). That of the inside of the mouth hangs on the skull, as the upper
// teeth do, and once more on the lower lip, as the lower ones nearly do; between lips one goes over into the other. A mouth that is
// too small for a frame's counts for nothing there: beyond its lips it has only their colour to show.
//
// # Weights
//
// Mouth, inside of the mouth, eyes, what lies between the lids and the rest are weighted apart, each by its own landmarks: Gaussian
// process regression on the distance of their places in the head frame, which is smooth in time as far as landmarks are. Width, noise
// and share of the mean are those that predict each view best from the others. Where a residue is not predicted by the others it
// fades: what was a slip of the tracker in one picture is not shown in others.
package views
