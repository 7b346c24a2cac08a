//go:build !linux

package memory

// FewHeaps does nothing: only glibc keeps a heap for each thread.
func FewHeaps() {}

func giveBack() {}
