package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/gioconda-live/gioconda/models/portrait"
)

// GPUUse is what the learned layer does with a GPU. Its memory is what nvidia-smi says of this process.
//
// Not verified: no machine with a GPU was at hand.
type GPUUse struct {
	MemoryMiB int `json:"memory_mib"`       // -1: nvidia-smi does not tell
	Up        int `json:"bytes_up_a_run"`   // copied to the device, batch of one
	Down      int `json:"bytes_down_a_run"` // and back
}

// UseOf asks for a model on a GPU; nil for one on the CPU.
func UseOf(ctx context.Context, m *portrait.Model) *GPUUse {
	if !m.Device().CUDA {
		return nil
	}
	u := &GPUUse{MemoryMiB: -1}
	u.Up, u.Down = m.Traffic()
	out, err := exec.CommandContext(ctx, "nvidia-smi", "--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits").Output()
	if err == nil {
		u.MemoryMiB = memoryOf(string(out), os.Getpid())
	}
	return u
}

// memoryOf finds a process in lines of "pid, MiB"; -1 if it is not there.
func memoryOf(table string, pid int) int {
	for line := range strings.Lines(table) {
		id, mib, ok := strings.Cut(strings.TrimSpace(line), ", ")
		if n, err := strconv.Atoi(mib); ok && err == nil && id == strconv.Itoa(pid) {
			return n
		}
	}
	return -1
}

func (u *GPUUse) String() string {
	memory := "unknown"
	if u.MemoryMiB >= 0 {
		memory = fmt.Sprintf("%d MiB", u.MemoryMiB)
	}
	return fmt.Sprintf("device memory %s; %.2f MB to the device and %.2f MB back in a run of one picture",
		memory, float64(u.Up)/1e6, float64(u.Down)/1e6)
}
