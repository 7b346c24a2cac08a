// Package planar has the float pictures that a renderer of package mesh is built from: planes of one channel, pictures of three,
// and the filters that work on them. It is used while a portrait is prepared, never for a frame.
package planar
