package urgent

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestThread: the thread has what was granted, no other has, and it gives that back.
func TestThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := nice()
	if err != nil {
		t.Fatal(err)
	}
	g, back := Thread()
	during, _ := nice()
	other := make(chan int)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		v, _ := nice()
		other <- v
	}()
	if v := <-other; v != before {
		t.Errorf("another thread has nice %d, had %d", v, before)
	}
	back()
	after, _ := nice()
	if after != before {
		t.Errorf("nice %d became %d", before, after)
	}
	if !g.RealTime && g.Any && during != g.Nice {
		t.Errorf("granted %v, the thread has nice %d", g, during)
	}
	if !g.Any {
		t.Logf("SKIPPED in part: the system grants no priority (%v)", g)
	}
}

// TestNothingGranted: without privileges and with limits of 0, a thread stays as it was.
func TestNothingGranted(t *testing.T) {
	if os.Getenv("URGENT_CHILD") != "" {
		for _, r := range []int{rlimitNice, rlimitRTPrio} {
			if err := syscall.Setrlimit(r, &syscall.Rlimit{}); err != nil {
				t.Fatal(err)
			}
		}
		if g := Ask(); g.Any {
			t.Errorf("granted %v", g)
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED, nothing was tested: only root can give privileges up here")
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()                                                                            // below one that only root may enter
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755)); err != nil { //nolint:gosec // the child is another user
		t.Fatal(err)
	}
	child := filepath.Join(dir, "child")
	if err := os.WriteFile(child, self, 0o755); err != nil { //nolint:gosec // the child is another user
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), child, "-test.run", "^TestNothingGranted$", "-test.v")
	cmd.Env, cmd.Dir = append(os.Environ(), "URGENT_CHILD=1"), "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v: %s", err, out)
	}
}
