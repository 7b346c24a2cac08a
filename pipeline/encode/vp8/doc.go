// Package vp8 compresses pictures with libvpx, for a live face: constant bitrate, no lag, no reordering,
// keyframes only on demand. It is the only package that links libvpx.
//
// # Decision: our own wrapper over libvpx
//
// Context. A live stream needs real timestamps, a chosen speed, and a bitrate that follows the network's
// estimate. mediadevices v0.6.4 takes timestamps from a wall clock that wraps every second (frames after a wrap
// grew from 2 kB to as much as 37 kB), sets neither cpu-used nor threads, and offers a bitrate control on no
// video encoder.
//
// Choice. A thin shim in C (encoder.c, decoder.c behind shim.h) and one Go type. Deadline 1 (realtime), CBR,
// lag 0, kf_mode disabled, alt-ref off, quantiser up to 56, denoiser off, no frame dropping, no error resilience (NACK
// and PLI repair losses, and a browser does not show a frame whose reference is missing). The PTS runs at
// 90 kHz, as RTP does. The speed is fixed (libvpx's cpu-used is negative): a positive value makes it spend up to
// (16-n)/16 of the frame time, by a stop watch, so that cost and output depend on the load of the machine.
//
// Blocks that change by less than the static threshold of 300 are left as they are, and nothing is quantised more finely than 8: what
// is finer nobody sees, and it took a third of the time and half of the bits. A threshold of 600 would halve the time, but in dark
// paint, where whole cheeks change by little, it rubs out the brush strokes. So 600 is for a crowded house only, see SetThrift.
//
// Cost. About 400 lines that we keep in step with libvpx, and cgo on a path that had none before it.
//
// Measured: MEASURED.md, "Encoders".
package vp8
