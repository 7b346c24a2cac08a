package clip

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"
)

// stillTime bounds the decoding of a picture.
const stillTime = time.Minute

// Still decodes the one picture of a file, which must be w x h pixels large, as it is stored: not turned, whatever the file
// asks for. It is for kinds of pictures that only ffmpeg reads, where its build does.
func Still(ctx context.Context, path string, w, h int) (*image.RGBA, error) {
	ctx, stop := context.WithTimeout(ctx, stillTime)
	defer stop()
	size := 4 * w * h
	out, _, err := output(ctx, size, "ffmpeg", "-v", "error", "-nostdin", "-noautorotate", "-i", "file:"+path,
		"-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba", "-")
	if err != nil {
		return nil, fmt.Errorf("clip: %s: %w", path, err)
	}
	if len(out) != size {
		return nil, errors.New("clip: the picture that ffmpeg has decoded has another size than the file says")
	}
	img := &image.RGBA{Pix: out, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
	for i := 3; i < len(out); i += 4 {
		out[i] = 255
	}
	return img, nil
}
