package persona

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"strings"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Parts of a view. The first view's sections have these names, those of further views a prefix.
const (
	partCrop   = "crop.png"
	partInside = "inside.png"
	partMatte  = "matte.png"
	partRest   = "rest.f32"
	partFull   = "full.jpg"
)

// restFloats is how many numbers rest.f32 holds.
const restFloats = 9 + 3 + 1 + 3 + 2*3*landmark.Count

// viewPrefix begins the names of the sections of view n, 1 to MaxViews.
func viewPrefix(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf("view%d.", n)
}

// viewPart tells to which view a section belongs, 1 to MaxViews, and which part of it that is; 0 where it is no view's.
func viewPart(name string) (n int, part string) {
	for n := 1; n <= MaxViews; n++ {
		switch part := strings.TrimPrefix(name, viewPrefix(n)); part {
		case partCrop, partInside, partMatte, partRest, partFull:
			return n, part
		}
	}
	return 0, ""
}

// appendParts adds what every view has, as the sections of view n.
func (v *View) appendParts(out []section, n int) ([]section, error) {
	prefix := viewPrefix(n)
	for _, picture := range []struct {
		name  string
		image image.Image
	}{{partCrop, v.Crop}, {partInside, v.Inside}, {partMatte, v.Matte}} {
		data, err := encodePNG(picture.image)
		if err != nil {
			return nil, err
		}
		out = append(out, section{prefix + picture.name, data})
	}
	return append(out, section{prefix + partRest, v.rest()}), nil
}

// encodePNG writes at the fastest level: the file is a sixth larger and is written five times sooner.
func encodePNG(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	err := e.Encode(&b, m)
	return b.Bytes(), err
}

// appendFull adds the whole picture of view n, where it is kept.
func (v *View) appendFull(out []section, n int) ([]section, error) {
	if v.Full == nil {
		return out, nil
	}
	data, err := v.Full.encoded()
	return append(out, section{viewPrefix(n) + partFull, data}), err
}

// take reads one part.
func (v *View) take(part string, data []byte) (err error) {
	switch part {
	case partCrop:
		v.Crop, err = parseRGB(data)
	case partInside:
		v.Inside, err = parseGrey(data)
	case partMatte:
		v.Matte, err = parseGrey(data)
	case partRest:
		err = v.parseRest(data)
	case partFull:
		v.Full, err = newFullJPEG(bytes.Clone(data)) // not to keep the whole file for it
	}
	return err
}

// fits tells whether the format can hold v.
func (v *View) fits() error {
	if v.Crop == nil || v.Inside == nil || v.Matte == nil {
		return errors.New("crop, inside and matte are required")
	}
	r := v.Crop.Rect
	edge := r.Dx()
	if edge < minFileEdge || edge > maxCropEdge || r != image.Rect(0, 0, edge, edge) || v.Inside.Rect != r || v.Matte.Rect != r {
		return fmt.Errorf("crop, inside and matte must be squares of one size, %d to %d, from (0, 0)", minFileEdge, maxCropEdge)
	}
	if !v.Crop.Opaque() {
		return errors.New("the crop must be opaque")
	}
	if v.Full != nil && !fullFits(v.Full.Size()) {
		return fmt.Errorf("the whole picture must have 1 to %d pixels a side", fullEdge)
	}
	return v.faceFits()
}

// restValues gives each calls to the numbers of rest.f32 in their order.
func (v *View) restValues(each func(*float32)) {
	h := &v.Face.Head
	for i := range h.R {
		each(&h.R[i])
	}
	for _, x := range []*float32{&h.T.X, &h.T.Y, &h.T.Z, &h.Scale} {
		each(x)
	}
	for _, x := range []*float64{&v.Place.X, &v.Place.Y, &v.Place.Edge} {
		f := float32(*x)
		each(&f)
		*x = float64(f)
	}
	for _, list := range []*[landmark.Count]motion.Vec3{&v.Face.Points, &v.Face.Neutral} {
		for i := range list {
			each(&list[i].X)
			each(&list[i].Y)
			each(&list[i].Z)
		}
	}
}

func (v *View) rest() []byte {
	out := make([]byte, 0, 4*restFloats)
	c := View{Face: v.Face, Place: v.Place} // restValues may write
	c.restValues(func(x *float32) {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(*x))
	})
	return out
}

func (v *View) parseRest(data []byte) error {
	if len(data) != 4*restFloats {
		return fmt.Errorf("%d bytes instead of %d", len(data), 4*restFloats)
	}
	v.restValues(func(x *float32) {
		*x = math.Float32frombits(binary.LittleEndian.Uint32(data))
		data = data[4:]
	})
	return v.faceFits()
}

// parsePNG decodes a picture once its header is found to fit.
func parsePNG(data []byte) (image.Image, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if c.Width != c.Height || c.Width < minFileEdge || c.Width > maxCropEdge {
		return nil, fmt.Errorf("%d x %d pixels", c.Width, c.Height)
	}
	return png.Decode(bytes.NewReader(data))
}

func parseRGB(data []byte) (*image.RGBA, error) {
	img, err := parsePNG(data)
	if err != nil {
		return nil, err
	}
	if rgba, ok := img.(*image.RGBA); ok {
		return rgba, nil
	}
	return nil, errors.New("not 8-bit RGB")
}

func parseGrey(data []byte) (*image.Gray, error) {
	img, err := parsePNG(data)
	if err != nil {
		return nil, err
	}
	if grey, ok := img.(*image.Gray); ok {
		return grey, nil
	}
	return nil, errors.New("not 8-bit grey")
}
