// Package h264 compresses pictures with openh264, as mediadevices builds and links it: constrained baseline,
// one slice, keyframes on demand. Its Encoder has the methods of that of package vp8.
//
// # Decision: mediadevices' openh264 builder as the second codec
//
// Context. Some receivers prefer or only take H.264. openh264 comes as a static library with mediadevices v0.6.4,
// so it costs no system package; x264 there says baseline and sends high.
//
// Choice. The builder from pkg/codec/openh264, driven by our own loop through a video.Reader that hands over
// the current picture; never mediadevices' Track, which blocks signalling on the first frame and hangs on close.
// Frame skip off (8 of 90 frames came out empty), no periodic IDR. SPS and PPS come with each IDR.
// The builder cannot change the bitrate: SetBitrate starts a new encoder, which costs an IDR, so only for
// changes over 25 % and at most every 3 s. It never gets nearer to a frame's PTS than its nominal frame rate: at half
// the frames it sends half the bits.
//
// Cost. Two allocations and one copy a frame inside the builder. Two warnings on standard error at each start, that
// it offers no way to silence. mediadevices' codec package draws in pion/webrtc for its types. Its
// output buffer (one byte a pixel) would leak if a frame outgrew it; with rate control on, none comes near.
//
// Measured: MEASURED.md, "Encoders".
package h264
