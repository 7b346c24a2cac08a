package intake

import (
	"encoding/binary"
	"errors"
	"io"
)

var errWebP = errors.New("no picture inside")

// webpParts are the chunks of one still picture.
type webpParts struct{ alpha, pixels, kind []byte }

// webpHeader reads the container itself: it finds the first frame of an animation, and takes the dimensions from
// the frame that will be decoded, whatever the canvas says. Header.still is that frame as a plain file.
func webpHeader(data []byte) (Header, error) {
	h := Header{Format: "webp", bytesPerPixel: 12}
	if size := int64(binary.LittleEndian.Uint32(data[4:])); size+8 > int64(len(data))+1 {
		return h, io.ErrUnexpectedEOF
	}
	var parts webpParts
	err := chunks(data[12:], func(kind, body []byte) error {
		switch string(kind) {
		case "ICCP":
			h.Profile = body[:min(len(body), maxProfile)]
		case "EXIF":
			h.Orientation = exifOrientation(body)
		case "ANMF":
			if len(body) < 16 {
				return io.ErrUnexpectedEOF
			}
			if h.Animated = true; parts.pixels == nil {
				return chunks(body[16:], parts.take)
			}
		default:
			return parts.take(kind, body)
		}
		return nil
	})
	if err != nil {
		return h, err
	}
	if err := parts.dimensions(&h); err != nil {
		return h, err
	}
	h.still = parts.file(h.Width, h.Height)
	return h, nil
}

// exifOrientation copes with the JPEG-style prefix that some writers keep.
func exifOrientation(body []byte) int {
	if len(body) > 6 && string(body[:4]) == "Exif" {
		body = body[6:]
	}
	return readTIFF(body).orientation
}

func (p *webpParts) take(kind, body []byte) error {
	switch string(kind) {
	case "ALPH":
		if p.pixels == nil {
			p.alpha = body
		}
	case "VP8 ", "VP8L":
		if p.pixels == nil {
			p.kind, p.pixels = kind, body
		}
	}
	return nil
}

// dimensions reads width and height from the frame's own header.
func (p *webpParts) dimensions(h *Header) error {
	b := p.pixels
	switch {
	case b == nil:
		return errWebP
	case len(b) < 10:
		return io.ErrUnexpectedEOF
	case string(p.kind) == "VP8 ":
		if b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
			return errWebP
		}
		h.Width = int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff)
		h.Height = int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	default:
		if b[0] != 0x2f {
			return errWebP
		}
		bits := binary.LittleEndian.Uint32(b[1:])
		h.Width, h.Height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		p.alpha = nil // a lossless frame carries its own
	}
	return nil
}

// file writes the frame as a still picture.
func (p *webpParts) file(w, h int) []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	add := func(kind string, body []byte) {
		out = append(out, kind...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(body)))
		out = append(out, body...)
		if len(body)%2 == 1 {
			out = append(out, 0)
		}
	}
	if p.alpha != nil && w > 0 && h > 0 {
		x := []byte{0x10, 0, 0, 0}
		for _, v := range []int{w - 1, h - 1} {
			x = append(x, byte(v), byte(v>>8), byte(v>>16))
		}
		add("VP8X", x)
		add("ALPH", p.alpha)
	}
	add(string(p.kind), p.pixels)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// chunks calls each for the chunks of a RIFF list, until the data or each ends it.
func chunks(data []byte, each func(kind, body []byte) error) error {
	for len(data) >= 8 {
		size := int64(binary.LittleEndian.Uint32(data[4:]))
		if size > int64(len(data)-8) {
			return io.ErrUnexpectedEOF
		}
		if err := each(data[:4], data[8:8+size]); err != nil {
			return err
		}
		data = data[min(int64(len(data)), 8+size+size&1):]
	}
	return nil
}
