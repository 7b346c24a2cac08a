// Package ort runs ONNX models. It is the only package that imports the binding to ONNX Runtime, so that nothing of
// the binding or of C shows anywhere else.
//
// A process has at most one Runtime at a time, because the library itself keeps one environment. A Runtime makes
// Sessions; a Session owns the memory of its inputs and outputs for its whole life, so that running it allocates
// nothing but what the library does inside.
//
// # GPUs
//
// Device{CUDA: true} needs a libonnxruntime.so that was built with CUDA (models.library names it) with its
// libonnxruntime_providers_shared.so and _cuda.so in the same folder, and NVIDIA's CUDA and cuDNN libraries where the
// loader finds them. One set that belongs together, tried as far as "libcublasLt.so.13 is missing" on a machine without a
// GPU: libonnxruntime.so.1 of npm onnxruntime-node 1.29.0 (bin/napi-v6/linux/x64), and the two others of npm
// com.github.asus4.onnxruntime.linux-x64-gpu 0.4.9 (ONNX Runtime 1.29, CUDA 13; Plugins/Linux/x64). The
// libonnxruntime.so of npm com.github.asus4.onnxruntime itself was built without CUDA and cannot use them.
// Nothing has run on a GPU yet.
//
// The binding keeps every port in host memory, so each run copies its inputs to the device and its outputs back, the
// appearance of each portrait included. It offers no free-dimension overrides either: a batch size is a session of its own
// whose ports have that size.
//
// Order of closing: Sessions first, then their Runtime; Runtime.Close refuses while a Session is open.
package ort
