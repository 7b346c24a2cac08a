package memory

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

func TestAllowed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("own", "0::/box/inner\n")
	least := allowed(dir, filepath.Join(dir, "own")) // what resource limits of this test leave
	write("box/memory.max", "max\n")
	if got := allowed(dir, filepath.Join(dir, "own")); got != least {
		t.Errorf("a group without a limit: %d, want %d", got, least)
	}
	write("box/memory.max", "1073741824\n")
	if got := allowed(dir, filepath.Join(dir, "own")); got != min(least, 1<<30) {
		t.Errorf("the outer group's: %d", got)
	}
	write("box/inner/memory.max", "536870912\n")
	if got := allowed(dir, filepath.Join(dir, "own")); got != min(least, 1<<29) {
		t.Errorf("the inner group's: %d", got)
	}
	write("memory/memory.limit_in_bytes", "268435456\n")
	if got := allowed(dir, filepath.Join(dir, "none")); got != min(least, 1<<28) {
		t.Errorf("version 1: %d", got)
	}
}

func TestLimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	if got := Limit(700 << 20); got != 700<<20 || debug.SetMemoryLimit(-1) != 700<<20 {
		t.Errorf("%d in force, %d set", got, debug.SetMemoryLimit(-1))
	}
	debug.SetMemoryLimit(math.MaxInt64)
	t.Setenv("GOMEMLIMIT", "off")
	if got := Limit(0); got != 0 {
		t.Errorf("the environment says none: %d", got)
	}
}
