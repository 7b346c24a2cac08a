package ort

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"
)

var (
	// ErrNoLibrary says that the shared library of ONNX Runtime is missing or cannot be loaded.
	ErrNoLibrary = errors.New("ONNX Runtime is not available")
	// ErrInUse says that another Runtime of this process is open, or a Session of this one still is.
	ErrInUse = errors.New("ONNX Runtime is still in use")
	// ErrModel says that a model file cannot be loaded or lacks a port that the caller needs.
	ErrModel = errors.New("not a model that can be used here")
	// ErrNoCUDA says that the library cannot compute on the GPU that was asked for. Errors that wrap it say what is missing.
	ErrNoCUDA = errors.New("no computing on the GPU")
	// ErrMemory says that the GPU has not enough memory left.
	ErrMemory = errors.New("the GPU's memory is full")
	// ErrClosed says that the Runtime or Session has been closed.
	ErrClosed = errors.New("already closed")
)

// Runtime is the loaded library with its environment. Its methods may be called from any goroutine.
type Runtime struct {
	mu       sync.Mutex
	sessions int
	closed   bool
	version  string
}

// LibraryIn returns where the npm package onnxruntime-node, installed in npmDir (a node_modules folder), keeps the
// shared library for this machine. The file need not exist.
func LibraryIn(npmDir string) string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return filepath.Join(npmDir, npmPackage, "bin", "napi-v6", runtime.GOOS, arch, "libonnxruntime.so.1")
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
