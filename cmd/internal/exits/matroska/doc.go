// Package matroska writes a live Matroska stream: one picture track, H.264 or VP8, and one sound track, Opus.
//
// # Decision: a writer of our own
//
// Context. A pipe of bare H.264 carries no times, so that whoever reads it invents them. Matroska carries both tracks with
// their times, needs no seeking back, and is read also where it broke off.
//
// Choice. 200 lines here rather than github.com/at-wat/ebml-go: its writer has a goroutine and unbuffered channels of its
// own, hands errors of the output to a callback that panics unless one is given, and builds every block by reflection. Here
// a block is one Write, its error is the caller's, and nothing is allocated.
//
// Cost. No index, no duration: who wants them lets ffmpeg copy the stream.
package matroska
