package intake

import (
	"bytes"
	"encoding/binary"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// Header is what the start of a file tells, before any pixel is decoded.
type Header struct {
	Format        string // as in Picture
	Width, Height int    // as stored, before Orientation
	Orientation   int    // EXIF, 1..8; 1 is upright
	Animated      bool
	Profile       []byte // ICC profile, or nil

	bytesPerPixel int64  // that decoding takes at its peak, our RGBA included
	scans         int    // JPEG: passes over the picture
	least         int64  // bytes below which a file of this size cannot be complete
	still         []byte // WebP: the first frame alone, as a file
}

// Inspect judges a picture by its header: is it one, of a kind that can be read, within limits? It allocates
// nothing that grows with the picture's dimensions. Errors are *Error.
func Inspect(data []byte, limits Limits) (Header, error) {
	switch {
	case len(data) == 0:
		return Header{}, refuse(CodeEmpty, "This file is empty; choose a JPEG or PNG picture.")
	case len(data) > limits.MaxBytes:
		return Header{}, refuse(CodeTooLargeBytes, "This file is %d MB large and the limit is %d MB; "+
			"make the picture smaller and try again.", (len(data)+1<<20-1)>>20, limits.MaxBytes>>20)
	}
	format, refusal := recognise(data)
	if refusal != nil {
		return Header{}, refusal
	}
	h, err := readHeader(format, data)
	if err != nil {
		return Header{}, decodeError(format, err)
	}
	if h.Orientation < 1 || h.Orientation > 8 {
		h.Orientation = 1
	}
	if refusal := h.check(len(data), limits); refusal != nil {
		return Header{}, refusal
	}
	return h, nil
}

func readHeader(format string, data []byte) (Header, error) {
	switch format {
	case "jpeg":
		return jpegHeader(data)
	case "png":
		return pngHeader(data)
	case "gif":
		return gifHeader(data)
	case "webp":
		return webpHeader(data)
	case "bmp":
		return bmpHeader(data)
	}
	return tiffHeader(data)
}

// check compares the header with the limits.
func (h *Header) check(size int, l Limits) *Error {
	w, ht := int64(h.Width), int64(h.Height)
	longer, shorter := max(h.Width, h.Height), min(h.Width, h.Height)
	switch {
	case shorter <= 0:
		return refuse(CodeDamaged, "This %s file says it has no pixels; try another copy.", formatName(h.Format))
	case longer > l.MaxEdge || w > l.MaxPixels/ht:
		return refuse(CodeTooLargePixels, "This picture has %d x %d pixels; at most %d a side and %d megapixels "+
			"can be used. Scale it down and try again.", h.Width, h.Height, l.MaxEdge, l.MaxPixels/1_000_000)
	case w*ht*h.bytesPerPixel > l.MaxMemory:
		return refuse(CodeTooLargePixels, "This picture has %d x %d pixels, too many for a %s of this kind; "+
			"scale it down to %d megapixels and try again.",
			h.Width, h.Height, formatName(h.Format), l.MaxMemory/h.bytesPerPixel/1_000_000)
	case shorter < l.MinEdge:
		return refuse(CodeTooSmall, "This picture has only %d x %d pixels; choose one with at least %d a side, "+
			"better 500.", h.Width, h.Height, l.MinEdge)
	case int64(size) < h.least:
		return refuse(CodeTruncated, "This %s file ends before the picture is complete; download or copy it again.",
			formatName(h.Format))
	case h.scans > maxScans || int64(h.scans)*w*ht > maxScanWork:
		return refuse(CodeTooComplex, "This JPEG is stored in %d passes, far more than any camera writes; "+
			"open it in any picture editor and save it again.", h.scans)
	}
	return nil
}

// recognise tells the format by the first bytes, or refuses it by name.
func recognise(data []byte) (string, *Error) {
	has := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case has("\xff\xd8\xff"):
		return "jpeg", nil
	case has("\x89PNG\r\n\x1a\n"):
		return "png", nil
	case has("GIF87a"), has("GIF89a"):
		return "gif", nil
	case len(data) >= 12 && has("RIFF") && string(data[8:12]) == "WEBP":
		return "webp", nil
	case has("BM") && len(data) >= 26 && binary.LittleEndian.Uint32(data[14:]) < 256:
		return "bmp", nil
	case has("II*\x00"), has("MM\x00*"):
		return "tiff", nil
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		return "", refuseBrand(data)
	}
	return "", refuseOther(data)
}

// refuseBrand answers files of the ISO family by the brands that they list.
func refuseBrand(data []byte) *Error {
	size := int(min(binary.BigEndian.Uint32(data), 256))
	brands := string(data[8:min(len(data), max(size, 12))])
	for i := 0; i+4 <= len(brands); i += 4 {
		switch brands[i : i+4] {
		case "avif", "avis":
			return refuse(CodeUnsupportedAVIF, "AVIF pictures cannot be read here; export it as JPEG or PNG and "+
				"choose that file.")
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			if !strings.Contains(brands, "avi") {
				return refuse(CodeUnsupportedHEIC, "HEIC pictures, as iPhones take them, cannot be read here; "+
					"export it as JPEG or PNG (on an iPhone: Settings, Camera, Formats, Most Compatible).")
			}
		}
	}
	return refuse(CodeUnsupportedFormat, "This is a video, not a picture; save one frame of it as JPEG or PNG.")
}

func refuseOther(data []byte) *Error {
	kinds := []struct{ magic, name string }{
		{"\xff\x0a", "a JPEG XL picture"},
		{"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"},
		{"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"},
		{"8BPS", "a Photoshop document"},
		{"%PDF", "a PDF document"},
		{"<svg", "an SVG drawing"},
		{"<?xml", "an SVG drawing or another XML file"},
		{"II+\x00", "a BigTIFF picture"},
		{"\x1aE\xdf\xa3", "a video"},
		{"qoif", "a QOI picture"},
	}
	for _, k := range kinds {
		if bytes.HasPrefix(data, []byte(k.magic)) {
			return refuse(CodeUnsupportedFormat, "This is %s, which cannot be read here; export it as JPEG or PNG "+
				"and choose that file.", k.name)
		}
	}
	return refuse(CodeNotAnImage, "This file is not a picture; choose a JPEG, PNG, WebP, GIF, BMP or TIFF.")
}

func gifHeader(data []byte) (Header, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(data))
	// The first frame may be smaller than the canvas, so there is no least size to hold the file to.
	// One byte a pixel for the frame, four for the canvas.
	return Header{
		Format: "gif", Width: c.Width, Height: c.Height, Animated: err == nil && gifFrames(data) > 1,
		bytesPerPixel: 5,
	}, err
}

func bmpHeader(data []byte) (Header, error) {
	c, err := bmp.DecodeConfig(bytes.NewReader(data))
	h := Header{Format: "bmp", Width: c.Width, Height: c.Height, bytesPerPixel: 8}
	if err == nil && h.Width > 0 && h.Height > 0 && c.Width < 1<<24 && c.Height < 1<<24 {
		bits := int64(binary.LittleEndian.Uint16(data[28:])) // DecodeConfig has read 54 bytes at least
		h.least = int64(c.Width) * int64(c.Height) * bits / 8
	}
	return h, err
}

func tiffHeader(data []byte) (Header, error) {
	c, err := tiff.DecodeConfig(bytes.NewReader(data))
	h := Header{Format: "tiff", Width: c.Width, Height: c.Height, bytesPerPixel: 12}
	if err != nil {
		return h, err
	}
	tags := readTIFF(data)
	h.Orientation, h.Profile, h.Animated = tags.orientation, tags.profile, false
	if t := tags.tile; t > 0 && t < 64*64 && int64(c.Width)*int64(c.Height)/t > 1<<16 {
		return h, tiff.UnsupportedError("very many tiny tiles")
	}
	return h, nil
}

func jpegHeader(data []byte) (Header, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	h := Header{Format: "jpeg", Width: c.Width, Height: c.Height}
	if err == nil {
		readJPEG(data, &h)
		// A block of 8 x 8 takes at least one bit; halved to be safe.
		h.least = int64(c.Width) * int64(c.Height) / 1024
	}
	return h, err
}

func pngHeader(data []byte) (Header, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	h := Header{Format: "png", Width: c.Width, Height: c.Height}
	if err == nil {
		readPNG(data, &h)
	}
	return h, err
}
