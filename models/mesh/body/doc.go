// Package body is the layer of torso, neck and the lower part of long hair: a coarse grid whose points follow the head by a weight
// that falls from 1 at the ears to 0 at the base of the neck, so that the neck bends between head and shoulders.
package body
