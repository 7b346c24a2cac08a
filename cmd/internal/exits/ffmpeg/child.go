// Package ffmpeg runs the ffmpeg program as a child that is fed a stream through its standard input, and watches it.
package ffmpeg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// ErrMissing says that there is no ffmpeg.
var ErrMissing = errors.New("ffmpeg is not installed; run `apt-get install ffmpeg`")

// Child is one running ffmpeg. Write and CloseInput belong to one goroutine; the rest is safe for concurrent use.
type Child struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	said     tail
	progress progress
	done     chan struct{}
	err      error // of Wait; read once done is closed
}

// Output says where ffmpeg writes to.
type Output struct {
	Args    []string // behind those of the input, the address last
	Private []string // options as name=value that no list of processes may show, together at most 4 kB
}

// Start runs ffmpeg with a live Matroska stream as its input. The child is in a process group of its own, so that a Ctrl-C
// meant for us does not cut its file short. The caller ends it with CloseInput or Kill, and waits for Done.
func Start(o *Output) (_ *Child, err error) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, ErrMissing
	}
	args := []string{
		"-hide_banner", "-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5",
		"-analyzeduration", "0", "-probesize", "10000", "-f", "matroska", "-i", "pipe:0",
	}
	var preset *os.File
	if len(o.Private) > 0 {
		if preset, err = presetOf(o.Private); err != nil {
			return nil, err
		}
		defer func() { _ = preset.Close() }()
		args = append(args, "-fpre", "/dev/fd/3")
	}
	c := &Child{cmd: exec.Command(path, append(args, o.Args...)...), done: make(chan struct{})} //nolint:noctx,gosec // it is to finish its file when a context ends
	if preset != nil {
		c.cmd.ExtraFiles = []*os.File{preset}
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.cmd.Stdout, c.cmd.Stderr = &c.progress, &c.said
	c.cmd.WaitDelay = time.Second // for what holds its streams open after its end
	if c.in, err = c.cmd.StdinPipe(); err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("ffmpeg cannot be started: %w", err)
	}
	go func() {
		defer close(c.done)
		c.err = c.cmd.Wait()
	}()
	return c, nil
}

// presetOf is a pipe that holds a preset file of ffmpeg's, one option a line.
func presetOf(options []string) (*os.File, error) {
	text := strings.Join(options, "\n") + "\n"
	if len(text) > 4096 { // more might not fit into the pipe, which nobody reads yet
		return nil, errors.New("the address is too long")
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = w.WriteString(text)
	return r, errors.Join(err, w.Close())
}

// Write feeds the child. It blocks while the child does not read, until Kill.
func (c *Child) Write(b []byte) (int, error) { return c.in.Write(b) }

// CloseInput tells the child that nothing more comes.
func (c *Child) CloseInput() { _ = c.in.Close() }

// Done is closed when the child has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err tells how the child ended, nil: well. Done must be closed.
func (c *Child) Err() error { return c.err }

// Said is the end of what the child said was wrong, lines of text.
func (c *Child) Said() string { return c.said.String() }

// Progress counts the times that the child was seen to have written something out.
func (c *Child) Progress() uint64 { return c.progress.count.Load() }

// PID is the child's process id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Kill ends the child's process group at once and waits for it.
func (c *Child) Kill() {
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // until Wait has returned the id is its own
	<-c.done
}
