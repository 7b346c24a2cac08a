// Package outpaint continues a portrait's square picture to both sides, for wide pictures: from the whole picture where that shows
// more, else by what looks plausible. It runs once for a background, off the loop.
package outpaint
