// Package eye takes the eyes of a portrait apart and draws them open, shut and looking about: eyeball, iris, lid and lash strips,
// over a face whose eyes are painted shut (eye.go). As lids close, smooth skin (shut.go) and one bow of lashes (lash.go) take the strips'
// place. Where lids and lashes are is found in the picture (find.go), since landmarks may lie beside them.
package eye
