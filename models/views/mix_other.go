//go:build !(amd64 || arm64) || purego

package views

func mix(dst []byte, src []int8, parts []part) { mixOne(dst, src, parts) }
