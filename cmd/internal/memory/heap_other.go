//go:build !linux || !cgo

package memory

// FewHeaps does nothing: only glibc keeps a heap for each thread, for C libraries that are not here without cgo.
func FewHeaps() {}

func giveBack() {}
