// Package shade draws what is computed pixel by pixel into I420 pictures: eyes, mouth and creases of package mesh. It has their
// colours, small textures, and the local frames and curves in which they are described. Nothing allocates while drawing.
package shade
