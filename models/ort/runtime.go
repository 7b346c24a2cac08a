//go:build cgo

package ort

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"
)

// Runtime is the loaded library with its environment. Its methods may be called from any goroutine.
type Runtime struct {
	mu       sync.Mutex
	sessions int
	closed   bool
	version  string
}

// New loads the shared library at libPath and opens its environment. The caller closes the Runtime. Errors wrap
// ErrNoLibrary, or ErrInUse when another Runtime is open in this process.
func New(libPath string) (*Runtime, error) {
	if onnx.IsInitialized() {
		return nil, fmt.Errorf("%w: this process has opened it already", ErrInUse)
	}
	if _, err := os.Stat(libPath); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s does not exist; run \"npm ci --ignore-scripts --prefix models\" "+
			"at the root of the project, or set the path of libonnxruntime", ErrNoLibrary, libPath)
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoLibrary, err)
	}
	libPath, err := filepath.Abs(libPath)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoLibrary, err)
	}
	if err := checkLibrary(libPath); err != nil {
		return nil, err
	}
	onnx.SetSharedLibraryPath(libPath)
	if err := onnx.InitializeEnvironment(onnx.WithLogLevelFatal()); err != nil {
		return nil, fmt.Errorf("%w: %s does not load: %w; version 1.24 or newer is needed", ErrNoLibrary, libPath, err)
	}
	return &Runtime{version: onnx.GetVersion()}, nil
}

// Version is the version of the loaded library, such as 1.30.0.
func (r *Runtime) Version() string { return r.version }

// Close closes the environment. It fails with ErrInUse while a Session is open, and with ErrClosed the second time.
func (r *Runtime) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("the runtime: %w", ErrClosed)
	}
	if r.sessions > 0 {
		return fmt.Errorf("%w: %d sessions are open; close them first", ErrInUse, r.sessions)
	}
	r.closed = true
	return onnx.DestroyEnvironment()
}

func (r *Runtime) acquire() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return fmt.Errorf("the runtime: %w", ErrClosed)
	}
	r.sessions++
	return nil
}

func (r *Runtime) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions--
}
