// Command neon writes the assembly of the kernels that packages of models have for arm64, beside those that the command above it
// writes for amd64: avo knows no arm64, and Go's assembler few of the vector instructions that are needed. Those it lacks are
// written as their bits, with what they are in a comment; a test has an assembler of others' making read the comments.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	kind := flag.String("kernels", "", "views, light, portrait or texmap")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	text, err := kernels(*kind)
	if err == nil {
		err = os.WriteFile(*out, text, 0o644) //nolint:gosec // source
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "neon:", err)
		os.Exit(2)
	}
}

// kernels is the file of a package.
func kernels(kind string) ([]byte, error) {
	a := newAsm(kind)
	switch kind {
	case "views":
		mixBytes(a)
	case "light":
		shadeCells(a)
	case "portrait":
		readRegion(a)
		a.done()
		unitBytes(a)
	case "texmap":
		for _, kernel := range []func(*asm){lumaOpaque, lumaBlend, chromaOpaque, chromaBlend, lumaAdd, chromaAdd} {
			kernel(a)
		}
	default:
		return nil, fmt.Errorf("-kernels is views, light, portrait or texmap, not %q", kind)
	}
	return a.text()
}
