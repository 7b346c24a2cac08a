// Package memory tells the runtime how much memory a server may take, so that it collects in time instead of being killed.
package memory

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

// Share of what the process may have that the runtime's part shall stay below: encoders, networks and stacks of threads are
// outside of what it knows.
const share = 0.5

// Limit sets the runtime's limit to bytes. Zero is half of what a container or a resource limit leaves to this process, and none
// where nothing limits it; GOMEMLIMIT in the environment wins over that. It returns the limit in force, 0 where there is none.
func Limit(bytes int64) int64 {
	if bytes == 0 && os.Getenv("GOMEMLIMIT") == "" {
		if most := allowed("/sys/fs/cgroup", "/proc/self/cgroup"); most < math.MaxInt64 {
			bytes = int64(share * float64(most))
		}
	}
	if bytes > 0 {
		debug.SetMemoryLimit(bytes)
	}
	if now := debug.SetMemoryLimit(-1); now < math.MaxInt64 {
		return now
	}
	return 0
}

// allowed is how many bytes this process may have, math.MaxInt64 where nothing says. groups is where control groups are mounted, own
// the file that names this process' own.
func allowed(groups, own string) int64 {
	most := int64(math.MaxInt64)
	for _, kind := range []int{syscall.RLIMIT_DATA, syscall.RLIMIT_AS} {
		var r syscall.Rlimit
		if syscall.Getrlimit(kind, &r) == nil && r.Cur < math.MaxInt64 {
			most = min(most, int64(r.Cur)) //nolint:gosec // it was compared
		}
	}
	paths := []string{"/"}
	if b, err := os.ReadFile(own); err == nil {
		for line := range strings.Lines(string(b)) {
			if _, path, ok := strings.Cut(strings.TrimSpace(line), "::"); ok { // version 2
				for ; path != "/" && path != "."; path = filepath.Dir(path) {
					paths = append(paths, path)
				}
			}
		}
	}
	for _, path := range paths {
		for _, file := range []string{"memory.max", "memory/memory.limit_in_bytes"} {
			b, err := os.ReadFile(filepath.Join(groups, path, file))
			if err != nil {
				continue
			}
			if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 && n < 1<<50 { // version 1 writes a huge number for none
				most = min(most, n)
			}
		}
	}
	return most
}
