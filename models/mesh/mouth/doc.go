// Package mouth draws what lies behind the lips of a portrait: throat, tongue and two rows of teeth inside the inner lip contour, in
// colours that fit its skin and light, as soft as the picture. Teeth hang where teeth do: the upper row shows as the lip rises, the lower one as
// lips are drawn wide or down. A mouth that is open in the picture keeps its own teeth.
package mouth
