package soak

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Child is a server in a process of its own, with an empty gallery.
type Child struct {
	Server, Metrics string // URLs
	cmd             *exec.Cmd
	dir             string
	said            bytes.Buffer
}

// Start runs `program serve` on free ports of this machine and waits until it is ready. The caller stops it.
func Start(ctx context.Context, program string) (*Child, error) {
	var ports [2]string
	for i := range ports {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		ports[i] = l.Addr().String()
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp("", "gioconda-soak-*")
	if err != nil {
		return nil, err
	}
	c := &Child{Server: "http://" + ports[0], Metrics: "http://" + ports[1] + "/metrics", dir: dir}
	c.cmd = exec.Command(program, "serve", "--listen", ports[0], "--log-level", "warn")                                          //nolint:gosec,noctx // this very program; Stop ends it
	c.cmd.Env = append([]string{"GIOCONDA_PIPELINE_MAX_SESSIONS=4", "GIOCONDA_RTC_MAX_SESSIONS_PER_ADDRESS=0"}, os.Environ()...) // others may come, however busy the machine
	c.cmd.Env = append(c.cmd.Env, "GIOCONDA_METRICS_LISTEN="+ports[1], "GIOCONDA_GALLERY_DIR="+filepath.Join(dir, "gallery"))
	c.cmd.Stderr = &c.said
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is ours: the server goes when its visitors have left
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.ready(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// ready waits for the server.
func (c *Child) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Server+"/healthz", http.NoBody)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(req); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not become ready: %w", ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Stop ends the server as Ctrl-C does, and fails where it does not end well within ten seconds, with what it said.
func (c *Child) Stop() error {
	defer func() { _ = os.RemoveAll(c.dir) }()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("the server had ended: %w: %s", err, c.said.Bytes())
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer kill.Stop()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("the server ended: %w: %s", err, c.said.Bytes())
	}
	return nil
}
