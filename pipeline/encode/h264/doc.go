// Package h264 compresses pictures with openh264: constrained baseline, one slice a thread, keyframes on demand. Its Encoder has
// the methods of that of package vp8.
//
// # Decision: an own thin wrapper of openh264 as the second codec
//
// Context. Some receivers prefer or only take H.264. mediadevices brings openh264 2.1 as a static library with a builder, which was
// used here first. That builder leaves background detection on: what stands still keeps the blocks of the first, coarse keyframe
// for ever (37 dB in a corner of a portrait after ten seconds). It cannot change a running encoder's bitrate, so each
// change cost a keyframe, and it allocates twice a frame.
//
// Choice. Debian's openh264 2.3, with its security updates, behind a door of five functions. Background and scene change
// detection off, frame skip off (8 of 90 frames came out empty), no periodic IDR. SPS and PPS come with each IDR under the same
// numbers, so that the header of a file or of RTMP holds for all of it. A new bitrate is in force from the next frame on.
//
// Cost. One more system package. Two builds of openh264 in one program would share their names: mediadevices' package of that name
// must not be linked beside this one. Rate control believes the nominal frame rate: at half the frames it sends half the bits.
//
// Measured: MEASURED.md, "Encoders".
package h264
