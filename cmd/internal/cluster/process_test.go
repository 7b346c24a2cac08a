package cluster_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// process is a server in a process of its own.
type process struct {
	url, metrics string
	cmd          *exec.Cmd
	said         bytes.Buffer
	wait         func() error
}

func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "gioconda")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/gioconda-live/gioconda/cmd/gioconda").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func start(t *testing.T, program, bus string) *process {
	t.Helper()
	listen, metrics := free(t), free(t)
	p := &process{url: "http://" + listen, metrics: "http://" + metrics + "/metrics"}
	p.cmd = exec.Command(program, "serve", "--listen", listen, "--log-level", "warn", "--size", "256", "--sessions", strconv.Itoa(places), "--generator", "mesh")
	p.cmd.Env = append(os.Environ(), "GIOCONDA_CLUSTER_URL="+bus, "GIOCONDA_CLUSTER_SECRET="+secret, "GIOCONDA_METRICS_LISTEN="+metrics,
		"GIOCONDA_GALLERY_DIR="+t.TempDir(), "GIOCONDA_GALLERY_PAINTINGS=false", "GIOCONDA_PIPELINE_FPS="+strconv.Itoa(rate))
	p.cmd.Stderr = &p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.wait = sync.OnceValue(p.cmd.Wait)
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.wait()
		if t.Failed() {
			t.Logf("%s said: %s", p.url, p.said.Bytes())
		}
	})
	return p
}

func free(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// waitFor waits until a metric has a value.
func (p *process) waitFor(t *testing.T, metric string, want float64) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + metric + ` (\S+)$`)
	until(t, 60*time.Second, func() string {
		answer, err := http.Get(p.metrics)
		if err != nil {
			return err.Error()
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		if err != nil {
			return err.Error()
		}
		if m := line.FindSubmatch(b); m != nil {
			if got, err := strconv.ParseFloat(string(m[1]), 64); err == nil && got == want {
				return ""
			}
			return fmt.Sprintf("%s says %s %s", p.url, metric, m[1])
		}
		return p.url + " says nothing of " + metric
	})
}
