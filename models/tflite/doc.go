// Package tflite reads TFLite models and converts them to ONNX, for the operators that MediaPipe's face and
// segmentation networks use. It needs the standard library only and never panics, whatever bytes it is given.
//
// The converted model computes in NCHW, the order that ONNX Runtime's kernels want: weights are permuted at conversion,
// and a Transpose appears only where the TFLite model itself depends on the order of channels (a reshape). Weights that
// were stored as float16 stay so, behind a Cast that the runtime folds when it loads the file.
//
// MediaPipe's custom operators become standard ones; their meaning is documented at their converters.
package tflite
