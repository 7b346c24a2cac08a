//go:build cgo

package ort

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	onnx "github.com/yalue/onnxruntime_go"
)

// Session is a loaded model with the memory of its inputs and outputs. It belongs to one goroutine at a time.
type Session struct {
	runtime *Runtime
	path    string // or a name, for messages
	device  Device
	session *onnx.AdvancedSession
	inputs  []bound
	outputs []bound
}

// Load reads the model at path and opens it as LoadBytes does.
func (r *Runtime) Load(path string, options Options) (*Session, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; \"gioconda models build\" makes the model files", ErrModel, err)
	}
	return r.LoadBytes(path, data, options)
}

// LoadBytes opens the model in data, whose inputs and outputs must all be float32 or uint8 of a fixed shape, allocates
// their memory and runs the model on zeros, once on a CPU and warmRuns times on a GPU, so that faults show here and the
// first real run is not slow. name is for messages. The caller closes the Session. Errors wrap ErrModel, ErrNoCUDA,
// ErrMemory, or ErrClosed when the Runtime is closed.
func (r *Runtime) LoadBytes(name string, data []byte, options Options) (*Session, error) {
	if err := r.acquire(); err != nil {
		return nil, err
	}
	s := &Session{runtime: r, path: name, device: options.Device}
	if err := s.open(data, options); err != nil {
		return nil, errors.Join(options.Device.inWords(name, err), s.Close())
	}
	return s, nil
}

// warmRuns is how often a session on a GPU runs before it counts as ready: the first runs choose kernels.
const warmRuns = 3

func (s *Session) open(data []byte, options Options) error {
	if len(data) == 0 {
		return errors.New("it is empty")
	}
	ins, outs, err := ports(data, options.Batch)
	if err != nil {
		return err
	}
	if s.inputs, err = bind(ins); err != nil {
		return err
	}
	if s.outputs, err = bind(outs); err != nil {
		return err
	}
	o, err := sessionOptions(options)
	if err != nil {
		return err
	}
	inNames, inValues := halves(s.inputs)
	outNames, outValues := halves(s.outputs)
	s.session, err = onnx.NewAdvancedSessionWithONNXData(data, inNames, outNames, inValues, outValues, o)
	if err = errors.Join(err, o.Destroy()); err != nil {
		return err
	}
	runs := 1
	if options.Device.CUDA {
		runs = warmRuns
	}
	for range runs {
		if err := s.session.Run(); err != nil {
			return err
		}
	}
	return nil
}

// ports lists the model's inputs and outputs. The library gives them only from a session of its own, so this opens one.
func ports(data []byte, batch int) (ins, outs []Port, err error) {
	in, out, err := onnx.GetInputOutputInfoWithONNXData(data)
	if err != nil {
		return nil, nil, err
	}
	if ins, err = fixedPorts(in, batch); err != nil {
		return nil, nil, err
	}
	outs, err = fixedPorts(out, batch)
	return ins, outs, err
}

func fixedPorts(list []onnx.InputOutputInfo, batch int) ([]Port, error) {
	var out []Port
	for _, info := range list {
		p := Port{Name: info.Name, Bytes: info.DataType == onnx.TensorElementDataTypeUint8}
		if info.DataType != onnx.TensorElementDataTypeFloat && !p.Bytes {
			return nil, fmt.Errorf("port %q holds %v instead of float32 or uint8", info.Name, info.DataType)
		}
		if len(info.Dimensions) == 0 {
			return nil, fmt.Errorf("port %q is a scalar; export the model with a shape of [1]", info.Name)
		}
		for i, d := range info.Dimensions {
			if d < 1 && i == 0 {
				d = int64(batch)
			}
			if d < 1 {
				return nil, fmt.Errorf("port %q has the open shape %v; export the model with fixed shapes",
					info.Name, info.Dimensions)
			}
			p.Shape = append(p.Shape, int(d))
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, errors.New("it has no inputs or no outputs")
	}
	return out, nil
}

func sessionOptions(options Options) (*onnx.SessionOptions, error) {
	o, err := onnx.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		// Faults come back as errors; the library need not print them too.
		o.SetLogSeverityLevel(onnx.LoggingLevelFatal),
		o.SetIntraOpNumThreads(max(1, options.Threads)),
		o.SetInterOpNumThreads(1),
		o.SetExecutionMode(onnx.ExecutionModeSequential),
		o.SetGraphOptimizationLevel(onnx.GraphOptimizationLevelEnableAll),
		// Spinning pools would eat the cores that the encoder needs.
		o.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
		o.AddSessionConfigEntry("session.inter_op.allow_spinning", "0"),
		o.AddSessionConfigEntry("session.set_denormal_as_zero", "1"),
		options.Device.prepare(o),
	)
	if err != nil {
		return nil, errors.Join(err, o.Destroy())
	}
	return o, nil
}

// Run computes the outputs from the inputs. Write the inputs before and read the outputs after it, from the slices that
// Input and Output gave.
func (s *Session) Run() error {
	if s.session == nil {
		return fmt.Errorf("the session of %s: %w", filepath.Base(s.path), ErrClosed)
	}
	if err := s.session.Run(); err != nil {
		return s.device.inWords(s.path, err)
	}
	return nil
}

// Input returns the memory of the float32 input called name, row-major in the given shape. It stays valid until Close.
// The error wraps ErrModel and names the port when the model has no such input.
func (s *Session) Input(name string, shape ...int) ([]float32, error) {
	b, err := s.find(s.inputs, "input", Port{Name: name, Shape: shape})
	return b.floats, err
}

// Output is like Input for a float32 output. Run overwrites it.
func (s *Session) Output(name string, shape ...int) ([]float32, error) {
	b, err := s.find(s.outputs, "output", Port{Name: name, Shape: shape})
	return b.floats, err
}

// InputBytes is like Input for a uint8 input.
func (s *Session) InputBytes(name string, shape ...int) ([]byte, error) {
	b, err := s.find(s.inputs, "input", Port{Name: name, Shape: shape, Bytes: true})
	return b.bytes, err
}

// OutputBytes is like Output for a uint8 output.
func (s *Session) OutputBytes(name string, shape ...int) ([]byte, error) {
	b, err := s.find(s.outputs, "output", Port{Name: name, Shape: shape, Bytes: true})
	return b.bytes, err
}

// Ports lists the inputs and the outputs.
func (s *Session) Ports() (inputs, outputs []Port) {
	for _, b := range s.inputs {
		inputs = append(inputs, b.port)
	}
	for _, b := range s.outputs {
		outputs = append(outputs, b.port)
	}
	return inputs, outputs
}

func (s *Session) find(list []bound, side string, want Port) (bound, error) {
	for _, b := range list {
		if b.port.Name != want.Name {
			continue
		}
		if b.port.Bytes != want.Bytes || !slices.Equal(b.port.Shape, want.Shape) {
			return bound{}, fmt.Errorf("%w: %s %q of %s is %s, wanted is %s; is it another model or version?",
				ErrModel, side, want.Name, s.path, b.port.kind(), want.kind())
		}
		return b, nil
	}
	return bound{}, fmt.Errorf("%w: %s has no %s %q; is it another model or version?", ErrModel, s.path, side, want.Name)
}

// Close frees the session. The slices that Input and Output gave must not be used afterwards. A second Close does
// nothing.
func (s *Session) Close() error {
	if s.runtime == nil {
		return nil
	}
	var errs []error
	if s.session != nil {
		errs = append(errs, s.session.Destroy())
		s.session = nil
	}
	for _, b := range append(s.inputs, s.outputs...) {
		errs = append(errs, b.value.Destroy())
	}
	s.inputs, s.outputs = nil, nil
	s.runtime.release()
	s.runtime = nil
	return errors.Join(errs...)
}
