// Package virtualcamera shows sessions as a camera of this machine, which every program may choose.
//
// # Decision: V4L2 output, written by hand
//
// Context. On Linux the module v4l2loopback makes a device to which one program writes pictures, and which others see as a
// camera. With exclusive_caps=1 browsers take it for one. Windows and macOS let only a signed component of the system be a
// camera, which a Go program cannot be.
//
// Choice. Five ioctls and write, through a small interface whose other side tests script from the kernel's documented behaviour.
// YUYV in 1280x720, which every program for calls reads, or what the device insists on. Pictures come from a session's raw
// rendition: nothing is compressed.
//
// Cost. 55 MB/s are copied, and a picture is written anew every thirtieth of a second even where nothing moves: programs take a
// camera that stands still for one that is gone.
package virtualcamera
