// Package head is the layer of face and head: hair, hat and ears as rings around the face outline, with a depth that continues the
// face's own and levels off at the silhouette; then the face mesh of 468 points, painted far to near. The side that a turned face
// hides is the other one's mirror image (farside.go); what the picture does not show at all is veiled with colour continued from what
// it does (veil.go).
//
// It is built in two steps, because eyes are painted shut in the face's picture in between: NewMesh, then New.
package head
