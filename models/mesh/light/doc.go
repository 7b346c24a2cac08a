// Package light shades a moving face anew: a portrait's pixels carry the light of the pose in which they were taken, and a jaw that
// drops or a head that turns would keep it. The light is estimated once from the portrait's own skin (fit.go): how bright it is
// where the head faces what way, in spherical harmonics of the second order (Ramamoorthi and Hanrahan 2001), albedo taken as even.
// In a pose each landmark has the ratio of its shade now to that at rest; the ratios are laid on a coarse grid (field.go) and
// multiplied into what the other layers have drawn (draw.go). At rest every ratio is 1 and no byte changes.
//
// A portrait whose brightness says little of its shape, as flat light or a drawing, is left as it is.
package light
