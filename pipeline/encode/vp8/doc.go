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
// Cost. About 400 lines that we keep in step with libvpx, and cgo on a path that had none before it.
//
// Measured on 2 shared cores, libvpx 1.12, 512x512 at 30 frames/s and 1.5 Mbit/s, moving texture:
//
//	              p50 ms  p95 ms  max ms   allocations
//	speed 6        3.7     5.6     8.7     0
//	speed 8        4.1     5.7     8.7     0             (default)
//	speed 12       2.7     3.5     8.9     0
//	libvpx decides 4.9     8.0    12.0     0             (its cpu-used +8)
//	8, 2 threads   3.1     3.6     8.1     0             second core idle
//	8, 2 threads   9.8   120     204       0             second core busy: libvpx spins; hence 1 thread
//	openh264       2.3     3.0     6.6     2 (6.7 kB)
//
// Against speed 8, on a talking face 12 loses 0.4 to 0.6 dB and 4 gains 0.1 to 0.2 dB.
// After SetBitrate (1.5 -> 0.5 -> 1.0 -> 0.3 Mbit/s) the rate from one second later on was within 5 % of
// the target. A forced keyframe takes 5 to 13 kB, and the frame that sharpens it again up to 26 kB;
// the first of a stream 3 kB, refined within half a second.
package vp8
