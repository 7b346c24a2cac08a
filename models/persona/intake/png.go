package intake

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
)

// readPNG walks the chunks for animation, orientation and colour profile.
func readPNG(data []byte, h *Header) {
	depth, colour, interlaced := int64(data[24]), data[25], data[28] != 0
	channels := map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
	// Deflate cannot shrink more than 1032 times.
	h.least = int64(h.Width) * int64(h.Height) * depth * channels / 8 / 1040
	h.bytesPerPixel = 4 + 4*max(1, depth/8)
	if interlaced { // its passes are pictures of their own
		h.bytesPerPixel += 4 * max(1, depth/8)
	}
	var standard bool
	for rest := data[8:]; len(rest) >= 12; {
		size := int64(binary.BigEndian.Uint32(rest))
		if size > int64(len(rest)-12) {
			break
		}
		body := rest[8 : 8+size]
		switch string(rest[4:8]) {
		case "acTL":
			h.Animated = size >= 4 && binary.BigEndian.Uint32(body) > 1
		case "eXIf":
			h.Orientation = readTIFF(body).orientation
		case "sRGB":
			standard = true
		case "iCCP":
			h.Profile = inflateProfile(body)
		}
		rest = rest[12+size:]
	}
	if standard {
		h.Profile = nil
	}
}

// inflateProfile unpacks an iCCP chunk: name, 0, method 0, deflated profile. A broken one comes back as bytes that
// are no profile, so that the reader of profiles can say so.
func inflateProfile(body []byte) []byte {
	_, packed, ok := bytes.Cut(body, []byte{0})
	if !ok || len(packed) < 2 || packed[0] != 0 {
		return []byte("broken")
	}
	r, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return []byte("broken")
	}
	out, err := io.ReadAll(io.LimitReader(r, maxProfile))
	if err != nil {
		return []byte("broken")
	}
	return out
}

// gifFrames counts frames, up to two.
func gifFrames(data []byte) int {
	pos := 13
	if len(data) < pos {
		return 0
	}
	if data[10]&0x80 != 0 {
		pos += 3 << (data[10]&7 + 1)
	}
	frames := 0
	for pos < len(data) && frames < 2 {
		switch data[pos] {
		case 0x21: // extension: label, then blocks
			pos = skipBlocks(data, pos+2)
		case 0x2c: // frame: place, maybe a palette, code size, blocks
			if pos+9 >= len(data) {
				return frames
			}
			frames++
			if flags := data[pos+9]; flags&0x80 != 0 {
				pos += 3 << (flags&7 + 1)
			}
			pos = skipBlocks(data, pos+11)
		default:
			return frames
		}
	}
	return frames
}

// skipBlocks passes length-prefixed blocks up to the empty one that ends them.
func skipBlocks(data []byte, pos int) int {
	for pos < len(data) && data[pos] != 0 {
		pos += int(data[pos]) + 1
	}
	return pos + 1
}
