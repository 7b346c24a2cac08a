package web

import (
	"embed"
	"io/fs"
)

// Client is the built browser client, rooted at its index.html. It is empty but for a dot file where the client
// was not built.
func Client() (fs.FS, error) { return fs.Sub(dist, "dist") }

//go:embed all:dist
var dist embed.FS
