package intake

import (
	"bytes"
	"encoding/binary"
)

// A progressive JPEG may pass over the picture as often as it likes, at a few bytes a pass. Cameras and encoders
// need about ten; the product of passes and pixels bounds the time.
const (
	maxScans    = 200
	maxScanWork = 1_200_000_000
)

// readJPEG walks the markers before the first scan for orientation, colour profile and memory need. Dimensions come
// from the decoder's own header reader, so that both always agree.
func readJPEG(data []byte, h *Header) {
	// Inside entropy-coded data 0xff is followed by 0 or a restart marker, so this counts every scan, and in rare
	// cases bytes of metadata, too.
	h.scans = bytes.Count(data, []byte{0xff, 0xda})
	h.bytesPerPixel = 4 + 3
	var parts [256][]byte
	for rest := data[2:]; len(rest) >= 4; {
		if rest[0] != 0xff {
			rest = rest[1:]
			continue
		}
		marker := rest[1]
		if marker == 0xff || marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd8 {
			rest = rest[1:]
			continue
		}
		if marker == 0xda || marker == 0xd9 {
			break
		}
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if size < 2 || size+2 > len(rest) {
			break
		}
		jpegSegment(marker, rest[4:2+size], h, &parts)
		rest = rest[2+size:]
	}
	h.Profile = joined(&parts)
}

func jpegSegment(marker byte, body []byte, h *Header, parts *[256][]byte) {
	switch {
	case marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
		if h.Orientation == 0 {
			h.Orientation = readTIFF(body[6:]).orientation
		}
	case marker == 0xe2 && len(body) > 14 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		parts[body[12]] = body[14:]
	case marker == 0xc2 && len(body) >= 6: // progressive: all coefficients are kept, four bytes each
		h.bytesPerPixel = 4 + 5*int64(max(1, min(body[5], 4)))
	case marker == 0xc0 || marker == 0xc1:
		if len(body) >= 6 {
			h.bytesPerPixel = 4 + int64(max(1, min(body[5], 4)))
		}
	}
}

// joined puts the numbered parts of an ICC profile together, from 1 to the first that is missing.
func joined(parts *[256][]byte) []byte {
	var out []byte
	for _, p := range parts[1:] {
		if p == nil || len(out)+len(p) > maxProfile {
			break
		}
		out = append(out, p...)
	}
	return out
}
