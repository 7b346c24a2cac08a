// Package ort runs ONNX models. It is the only package that imports the binding to ONNX Runtime, so that nothing of
// the binding or of C shows anywhere else.
//
// A process has at most one Runtime at a time, because the library itself keeps one environment. A Runtime makes
// Sessions; a Session owns the memory of its inputs and outputs for its whole life, so that running it allocates
// nothing but what the library does inside.
//
// Order of closing: Sessions first, then their Runtime; Runtime.Close refuses while a Session is open.
package ort
