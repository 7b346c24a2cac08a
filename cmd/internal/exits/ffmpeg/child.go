// Package ffmpeg runs the ffmpeg program as a child that is fed a stream through its standard input, and watches it.
package ffmpeg

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
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

// Start runs ffmpeg with a live Matroska stream as its input. output are the arguments behind that. The child is in a process
// group of its own, so that a Ctrl-C meant for us does not cut its file short. The caller ends it with Finish or Kill.
func Start(output []string) (*Child, error) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, ErrMissing
	}
	args := append([]string{
		"-hide_banner", "-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5",
		"-fflags", "nobuffer", "-analyzeduration", "0", "-probesize", "10000", "-f", "matroska", "-i", "pipe:0",
	}, output...)
	c := &Child{cmd: exec.Command(path, args...), done: make(chan struct{})} //nolint:noctx // it is to finish its file when a context ends
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

// Installed tells whether there is an ffmpeg to start.
func Installed() bool {
	_, err := exec.LookPath("ffmpeg")
	return err == nil
}
