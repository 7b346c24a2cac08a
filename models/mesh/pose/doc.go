// Package pose knows a portrait's head at rest and brings one moment of it, a motion.State, to pixels. It says where landmarks
// are, and where anything else that hangs on the head or the torso is drawn.
//
// Texture pixels are the portrait's crop at output scale with a margin of Geometry.Pad on every side; output + Pad = texture.
// Head units and the head frame are those of package motion.
package pose
