package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Tool builds a program that a test talks to, from the Go module in the folder dir, and returns its path. What was built
// is kept in .cache/tools until that module changes. The test is skipped in the short run, and where the module's
// dependencies cannot be had.
func Tool(tb testing.TB, dir, pkg string, env ...string) string {
	tb.Helper()
	Full(tb)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.New()
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		sum.Write(b)
	}
	name := strings.TrimSuffix(filepath.Base(dir), string(filepath.Separator)) + "-" + hex.EncodeToString(sum.Sum(nil)[:4])
	path := filepath.Join(root(tb), ".cache", "tools", name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		tb.Fatal(err)
	}
	part := path + ".part"
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-o", part, pkg) //nolint:gosec // a module of the tests
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Skipf("SKIPPED: %s cannot be built: %v\n%s", filepath.Base(dir), err, out)
	}
	if err := os.Rename(part, path); err != nil {
		tb.Fatal(err)
	}
	return path
}

// root is the folder of the main module, found from the test's own.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	tb.Fatal("no go.mod above the test: ", err)
	return ""
}
