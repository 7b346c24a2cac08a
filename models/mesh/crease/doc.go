// Package crease shades the nasolabial folds: smiling deepens the fold that runs from the wing of the nose past the corner of the
// mouth, and lifts the cheek beside it. Moved pixels keep the picture's light, so that both are shaded in, in the skin's own colour.
package crease
