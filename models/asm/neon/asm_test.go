package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// files are where the kernels of each package lie.
func files() map[string]string {
	return map[string]string{
		"texmap":   "../../mesh/texmap/spans_arm64.s",
		"views":    "../../views/mix_arm64.s",
		"light":    "../../mesh/light/cells_arm64.s",
		"portrait": "../../portrait/region_arm64.s",
	}
}

// TestFilesAreWritten: what packages have is what this program writes.
func TestFilesAreWritten(t *testing.T) {
	for kind, path := range files() {
		want, err := kernels(kind)
		if err != nil {
			t.Fatal(kind, err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what go generate writes (%v)", path, err)
		}
	}
	if _, err := kernels("others"); err == nil {
		t.Error("kernels of no package are written")
	}
}

// TestWordsAreWhatTheySay: the assembler of GNU makes of the comments the bits that stand before them.
func TestWordsAreWhatTheySay(t *testing.T) {
	const as, copier = "aarch64-linux-gnu-as", "aarch64-linux-gnu-objcopy"
	for _, tool := range []string{as, copier} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED, no instruction was compared: %s is not there (binutils-aarch64-linux-gnu)", tool)
		}
	}
	word := regexp.MustCompile(`(?m)^\tWORD +\$(0x[0-9a-f]{8}) // (.*)$`)
	for kind := range files() {
		text, err := kernels(kind)
		if err != nil {
			t.Fatal(kind, err)
		}
		all := word.FindAllSubmatch(text, -1)
		if len(all) == 0 || len(all) != bytes.Count(text, []byte("WORD")) {
			t.Fatalf("%s: %d instructions as bits, want at least one, and all with a comment", kind, len(all))
		}
		var source strings.Builder
		for _, w := range all {
			fmt.Fprintf(&source, "%s\n", w[2])
		}
		object, code := filepath.Join(t.TempDir(), "o"), filepath.Join(t.TempDir(), "code")
		run := exec.Command(as, "-march=armv8-a", "-o", object, "-")
		run.Stdin = strings.NewReader(source.String())
		for _, c := range []*exec.Cmd{run, exec.Command(copier, "-O", "binary", "-j", ".text", object, code)} {
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", kind, err, out)
			}
		}
		bits, err := os.ReadFile(code)
		if err != nil || len(bits) != 4*len(all) {
			t.Fatalf("%s: %d bytes of code for %d instructions (%v)", kind, len(bits), len(all), err)
		}
		for i, w := range all {
			if want := fmt.Sprintf("0x%08x", binary.LittleEndian.Uint32(bits[4*i:])); string(w[1]) != want {
				t.Errorf("%s: %s is %s, not %s", kind, w[2], want, w[1])
			}
		}
	}
}

// TestRegistersRunOut: a kernel that needs more than there are is not written.
func TestRegistersRunOut(t *testing.T) {
	a := newAsm("test")
	done := a.scope()
	for range 32 {
		a.vec()
	}
	done()
	a.vec()
	if _, err := a.text(); err != nil {
		t.Error("registers that were given back are gone:", err)
	}
	for range 32 {
		a.reg()
	}
	if _, err := a.text(); err == nil {
		t.Error("32 general registers were taken, some of which are not ours")
	}
}
