//go:build cgo

package ort

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	onnx "github.com/yalue/onnxruntime_go"
)

// HasCUDA tells whether the library was built with CUDA and its parts for the GPU load; the error wraps ErrNoCUDA and
// says what is missing. It does not tell that there is a GPU: loading a model does.
func (r *Runtime) HasCUDA() error {
	if err := r.acquire(); err != nil {
		return err
	}
	defer r.release()
	o, err := onnx.NewSessionOptions()
	if err != nil {
		return err
	}
	d := Device{CUDA: true}
	if err := errors.Join(d.prepare(o), o.Destroy()); err != nil {
		return d.inWords("the library", err)
	}
	return nil
}

// prepare makes sessions with these options compute on d.
func (d Device) prepare(o *onnx.SessionOptions) error {
	if !d.CUDA {
		return nil
	}
	c, err := onnx.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	err = c.Update(map[string]string{
		"device_id": strconv.Itoa(d.Index),
		// Shapes are fixed and the first runs are not live, so the search for the fastest kernels pays once.
		"cudnn_conv_algo_search":    "EXHAUSTIVE",
		"arena_extend_strategy":     "kSameAsRequested",
		"do_copy_in_default_stream": "1",
	})
	if err == nil {
		err = o.AppendExecutionProviderCUDA(c)
	}
	return errors.Join(err, c.Destroy(),
		// A network that lacks a kernel on the GPU is refused instead of hopping to the CPU in every frame.
		o.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1"))
}

// inWords makes a sentence of what the library said about a model.
func (d Device) inWords(name string, err error) error {
	said := err.Error()
	if _, short, ok := strings.Cut(said, "FAIL : "); ok { // without the library's source lines
		err, said = errors.New(short), short
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(said, w) {
				return true
			}
		}
		return false
	}
	switch {
	case !d.CUDA:
		return fmt.Errorf("%w: %s: %w", ErrModel, name, err)
	case has("out of memory", "CUDA failure 2:", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED", "Failed to allocate memory"):
		return fmt.Errorf("%w: %s does not fit on %s beside what is there; end other programs on it, serve fewer sessions "+
			"or choose a smaller generator (%w)", ErrMemory, name, d, err)
	case has("not enabled in this build", "provider is not supported", "CUDA_ProviderOptions"):
		return fmt.Errorf("%w: this ONNX Runtime was built without CUDA; set models.library to one with CUDA, or use "+
			"--device cpu (%w)", ErrNoCUDA, err)
	case has("providers_cuda", "providers_shared", "libcudnn", "libcublas", "libcudart", "libcufft", "libcurand"):
		return fmt.Errorf("%w: ONNX Runtime's part for CUDA does not load; install the CUDA and cuDNN libraries that it "+
			"names, beside it or in LD_LIBRARY_PATH, or use --device cpu (%w)", ErrNoCUDA, err)
	case has("CUDA failure", "no CUDA-capable device", "CUDA driver", "invalid device ordinal"):
		return fmt.Errorf("%w: %s cannot be used; see that `nvidia-smi` lists it, or use --device cpu (%w)", ErrNoCUDA, d, err)
	case has("fallback", "CPU EP", "CPU Execution Provider"):
		return fmt.Errorf("%w: %s has operators that this library cannot compute on the GPU; export it with others, "+
			"take a newer library, or use --device cpu (%w)", ErrModel, name, err)
	default:
		return fmt.Errorf("%w: %s on %s: %w", ErrModel, name, d, err)
	}
}
