//go:build !(amd64 || arm64) || amd64.v3 || purego

package views

func mix(dst []byte, src []int8, parts []part) { mixOne(dst, src, parts) }
