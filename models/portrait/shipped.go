package portrait

import (
	"embed"
	"io/fs"
)

//go:embed weights/*/manifest.json weights/*/*.onnx
var weights embed.FS

// Shipped holds a folder for each generator that comes with the program, by name.
func Shipped() fs.FS {
	dir, err := fs.Sub(weights, "weights")
	if err != nil { // the name is a valid one
		return weights
	}
	return dir
}
