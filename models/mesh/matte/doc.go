// Package matte takes a person out of a portrait's picture: it refines the persona's coarse matte, continues it beyond the
// picture, and splits the picture into a person and a background without one, which is guessed where nothing is known of it. It runs
// once, while a portrait is prepared.
package matte
