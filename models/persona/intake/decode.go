package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Limits bound what a picture may cost. All must be positive.
type Limits struct {
	MaxBytes  int   // of the file
	MaxEdge   int   // longer side, pixels
	MaxPixels int64 // width times height
	MaxMemory int64 // bytes that decoding will take, estimated from the header
	MinEdge   int   // shorter side, pixels
}

// DefaultLimits is 32 MiB, 12000 pixels a side, 60 megapixels, 800 MiB while decoding, at least 64 pixels a side: for pictures of
// whoever runs the program.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 32 << 20, MaxEdge: 12000, MaxPixels: 60_000_000, MaxMemory: 800 << 20, MinEdge: 64}
}

// PortraitLimits bound a portrait that somebody sends to a server: 16 megapixels, 256 MiB while decoding.
func PortraitLimits() Limits {
	return Limits{MaxBytes: 32 << 20, MaxEdge: 12000, MaxPixels: 16_000_000, MaxMemory: 256 << 20, MinEdge: 64}
}

// BackdropLimits bound a picture that somebody sends to be put behind a portrait, where 1280 pixels are used at most:
// 4 megapixels, 80 MiB while decoding.
func BackdropLimits() Limits {
	return Limits{MaxBytes: 32 << 20, MaxEdge: 8000, MaxPixels: 4_000_000, MaxMemory: 80 << 20, MinEdge: 64}
}

// Picture is a decoded picture; its receiver owns it.
type Picture struct {
	Image  *image.RGBA // upright, opaque, sRGB; bounds start at (0, 0), rows are packed
	Format string      // jpeg, png, gif, webp, bmp or tiff
	Notes  []Note
}

// Decode reads a picture. It never panics and keeps no reference to data. Errors are *Error.
func Decode(data []byte, limits Limits) (*Picture, error) {
	return DecodeContext(context.Background(), data, limits)
}

// DecodeContext is Decode that gives up with ctx's error when that ends while bytes are still being read.
func DecodeContext(ctx context.Context, data []byte, limits Limits) (*Picture, error) {
	h, err := Inspect(data, limits)
	if err != nil {
		return nil, err
	}
	img, err := pixels(ctx, h, data)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, decodeError(h.Format, err)
	}
	out := &Picture{Format: h.Format}
	if h.Animated {
		out.note(NoteAnimated, "This picture is animated; its first frame is used.")
	}
	if _, ok := img.(*image.CMYK); ok {
		out.note(NoteCMYK, "This picture is stored in printing colours (CMYK); its colours are approximate. "+
			"Export it as RGB for exact ones.")
	}
	canvas := img.Bounds()
	if h.Format == "gif" { // whose first frame may cover only a part
		canvas = image.Rect(0, 0, h.Width, h.Height)
	}
	rgba, opaque := toRGBA(img, canvas)
	if len(h.Profile) > 0 {
		out.applyProfile(rgba, img, h.Profile)
	}
	if !opaque {
		flatten(rgba)
		out.note(NoteTransparent, "Parts of this picture are transparent; they got a plain background.")
	}
	out.Image = orient(rgba, h.Orientation)
	return out, nil
}

func (p *Picture) note(code, message string) {
	p.Notes = append(p.Notes, Note{Code: code, Message: message})
}

// applyProfile brings rgba to sRGB, or notes that it could not. img is the picture as decoded.
func (p *Picture) applyProfile(rgba *image.RGBA, img image.Image, data []byte) {
	if _, ok := img.(*image.CMYK); ok {
		return // its profile is for inks; the note on CMYK has said so
	}
	profile, err := parseProfile(data)
	if err != nil {
		p.note(NoteProfileIgnored, "The colour profile of this picture could not be used, so its colours may look "+
			"a little different. Export it as sRGB if they do.")
		return
	}
	profile.apply(rgba)
}

// pixels decodes what Inspect has let through. The decoders of the formats are other people's code that meets
// hostile bytes, so a panic in one of them is turned into an error here.
func pixels(ctx context.Context, h Header, data []byte) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("the decoder failed: %v", r)
		}
	}()
	switch r := newReader(ctx, data); h.Format {
	case "jpeg":
		return jpeg.Decode(r)
	case "png":
		return png.Decode(r)
	case "gif":
		return gif.Decode(r)
	case "webp":
		return webp.Decode(newReader(ctx, h.still))
	case "bmp":
		return bmp.Decode(r)
	case "tiff":
		return tiff.Decode(r)
	}
	return nil, errors.New("no decoder")
}

// reader gives bytes until its context ends.
type reader struct {
	bytes.Reader
	ctx context.Context //nolint:containedctx // the decoders take none
}

func newReader(ctx context.Context, data []byte) *reader {
	r := &reader{ctx: ctx}
	r.Reset(data)
	return r
}

func (r *reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

func (r *reader) ReadAt(b []byte, at int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.ReadAt(b, at)
}

// decodeError puts a decoder's error into words. All bytes are at hand, so an early end means a file cut short.
func decodeError(format string, err error) *Error {
	name := formatName(format)
	var ju jpeg.UnsupportedError
	var pu png.UnsupportedError
	var tu tiff.UnsupportedError
	switch {
	case endsEarly(err):
		return NewError(CodeTruncated, fmt.Sprintf("This %s file ends before the picture is complete; "+
			"download or copy it again.", name), err)
	case errors.As(err, &ju), errors.As(err, &pu), errors.As(err, &tu), errors.Is(err, bmp.ErrUnsupported):
		return NewError(CodeUnsupportedFormat, fmt.Sprintf("This kind of %s cannot be read here; "+
			"open it in any picture editor and export it as an ordinary JPEG or PNG.", name), err)
	}
	return NewError(CodeDamaged, fmt.Sprintf("This %s file is damaged; "+
		"try another copy, or export it again as JPEG or PNG.", name), err)
}

// endsEarly tells whether a decoder ran out of bytes; some say so only in their text.
func endsEarly(err error) bool {
	text := err.Error()
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.HasSuffix(text, "EOF") ||
		strings.Contains(text, "not enough")
}

func formatName(format string) string {
	names := map[string]string{"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WebP", "bmp": "BMP", "tiff": "TIFF"}
	return names[format]
}
