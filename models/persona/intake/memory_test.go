package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"runtime"
	"sync"
	"testing"
	"time"
)

// peak is how much the heap has grown at most, in bytes, while f ran, garbage included.
func peak(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	})
	f()
	close(done)
	watch.Wait()
	runtime.ReadMemStats(&m)
	return max(most, m.HeapAlloc) - before
}

// interlacedPNG says so in its header; its pixels end early.
func interlacedPNG(w, h int, depth byte) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	head = append(head, depth, 6, 0, 0, 1)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	out = append(out, head...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
	return append(out, bytes.Repeat([]byte{0}, w*h/100)...)
}

// TestSmallFilesOfManyPixels: what a few bytes say to have more pixels than a server takes is refused by its header, and what it
// takes costs no more than its limit.
func TestSmallFilesOfManyPixels(t *testing.T) {
	for name, tc := range map[string]struct {
		data   []byte
		limits Limits
		code   string
	}{
		"backdrop of 60 megapixels": {solidWebP(12000, 5000, color.NRGBA{A: 255}), BackdropLimits(), CodeTooLargePixels},
		"portrait of 60 megapixels": {solidWebP(12000, 5000, color.NRGBA{A: 255}), PortraitLimits(), CodeTooLargePixels},
		"backdrop of 5 megapixels":  {solidWebP(2500, 2000, color.NRGBA{A: 255}), BackdropLimits(), CodeTooLargePixels},
		"interlaced, 16 bit":        {interlacedPNG(4000, 4000, 16), PortraitLimits(), CodeTooLargePixels},
		"backdrop of 4 megapixels":  {solidWebP(2000, 2000, color.NRGBA{A: 255}), BackdropLimits(), ""},
	} {
		var got string
		grown := peak(func() {
			_, err := Decode(tc.data, tc.limits)
			if err != nil {
				got = code(err)
			}
		})
		allowed := uint64(1 << 20)
		if tc.code == "" {
			allowed = uint64(tc.limits.MaxMemory)
		}
		if got != tc.code || grown > allowed {
			t.Errorf("%s: %q, want %q; %d MiB more memory, at most %d", name, got, tc.code, grown>>20, allowed>>20)
		}
	}
}

// TestDecodingEndsWithItsContext gives up in the middle of a picture.
func TestDecodingEndsWithItsContext(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 2000, 1000)), nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := DecodeContext(ctx, b.Bytes(), PortraitLimits()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
	if _, err := DecodeContext(t.Context(), b.Bytes(), PortraitLimits()); err != nil {
		t.Error(err)
	}
}
