package intake

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
)

// Foreign decodes an AVIF or HEIC picture for those who can: h.Width x h.Height pixels as stored, before h.Orientation,
// opaque, bounds from (0, 0), rows packed.
type Foreign func(h Header) (*image.RGBA, error)

// DecodeWith is DecodeContext, but asks foreign, which may be nil, for the pixels of AVIF and HEIC pictures. Where it cannot, they
// are refused as by Decode.
func DecodeWith(ctx context.Context, data []byte, limits Limits, foreign Foreign) (*Picture, error) {
	p, err := DecodeContext(ctx, data, limits)
	format := Kind(data)
	if err == nil || foreign == nil || format != "avif" && format != "heic" || len(data) > limits.MaxBytes {
		return p, err
	}
	h, ok := heifHeader(data)
	if !ok {
		return nil, err
	}
	if refusal := h.check(len(data), limits); refusal != nil {
		return nil, refusal
	}
	img, cause := foreign(h)
	if cause == nil && (img == nil || img.Rect != image.Rect(0, 0, h.Width, h.Height)) {
		cause = errors.New("the decoded picture has another size than the file says") // one tile of many
	}
	if cause != nil {
		refusal := &Error{}
		if errors.As(err, &refusal) {
			return nil, NewError(refusal.Code(), refusal.Error(), cause)
		}
		return nil, cause
	}
	return &Picture{Format: h.Format, Image: orient(img, h.Orientation)}, nil
}

// Kind tells by its first bytes which picture a file holds: jpeg, png, gif, webp, bmp, tiff, avif or heic, "" for all else,
// sequences of AVIF and HEIC pictures among it.
func Kind(data []byte) string {
	format, refusal := recognise(data)
	switch {
	case refusal == nil:
		return format
	case len(data) < 12 || string(data[8:12]) == "avis" || string(data[8:12]) == "hevc" || string(data[8:12]) == "msf1":
	case refusal.Code() == CodeUnsupportedAVIF:
		return "avif"
	case refusal.Code() == CodeUnsupportedHEIC:
		return "heic"
	}
	return ""
}

// box is a box of the ISO base media format: what lies in it.
type box struct {
	kind string
	body []byte
}

const maxBoxes = 4096 // of one level

// boxes cuts data into boxes, as far as they are whole.
func boxes(data []byte) (list []box) {
	for len(data) >= 8 && len(list) < maxBoxes {
		size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		switch {
		case size == 1 && len(data) >= 16:
			size, head = binary.BigEndian.Uint64(data[8:]), 16
		case size == 0:
			size = uint64(len(data))
		}
		if size < head || size > uint64(len(data)) {
			break
		}
		list = append(list, box{string(data[4:8]), data[head:size]})
		data = data[size:]
	}
	return list
}

// find returns what lies in the first box of a kind; full skips the version and flags that some begin with.
func find(list []box, kind string, full int) []byte {
	for _, b := range list {
		if b.kind == kind && len(b.body) >= full {
			return b.body[full:]
		}
	}
	return nil
}

// heifHeader reads how large the main picture of an AVIF or HEIC file is and how it is turned (ISO/IEC 23008-12, 6.5).
func heifHeader(data []byte) (Header, bool) {
	meta := boxes(find(boxes(data), "meta", 4))
	properties := boxes(find(meta, "iprp", 0))
	h := Header{Format: Kind(data), bytesPerPixel: 12}
	all := boxes(find(properties, "ipco", 0))
	r := turn{}
	for _, i := range propertiesOf(find(properties, "ipma", 0), primary(find(meta, "pitm", 0))) {
		if i < 1 || i > len(all) {
			continue
		}
		switch b := all[i-1]; {
		case b.kind == "ispe" && len(b.body) >= 12:
			w, ht := binary.BigEndian.Uint32(b.body[4:]), binary.BigEndian.Uint32(b.body[8:])
			if w > 1<<20 || ht > 1<<20 {
				return h, false
			}
			h.Width, h.Height = int(w), int(ht)
		case b.kind == "irot" && len(b.body) >= 1:
			r.quarters = (r.quarters + 4 - int(b.body[0]&3)) % 4
		case b.kind == "imir" && len(b.body) >= 1:
			r = r.mirrored(b.body[0]&1 == 0)
		}
	}
	h.Orientation = r.exif()
	return h, h.Width > 0 && h.Height > 0
}

// primary is the number of the main picture in the box that names it.
func primary(pitm []byte) uint32 {
	switch {
	case len(pitm) >= 6 && pitm[0] == 0:
		return uint32(binary.BigEndian.Uint16(pitm[4:]))
	case len(pitm) >= 8 && pitm[0] != 0:
		return binary.BigEndian.Uint32(pitm[4:])
	}
	return 0
}

// propertiesOf lists the numbers of an item's properties, from 1, in the order in which they are applied.
func propertiesOf(ipma []byte, item uint32) (list []int) {
	if len(ipma) < 8 {
		return nil
	}
	wideID, wideIndex := ipma[0] != 0, ipma[3]&1 != 0
	left := ipma[8:]
	take := func(n int) (v uint32, ok bool) {
		if len(left) < n {
			return 0, false
		}
		for _, b := range left[:n] {
			v = v<<8 | uint32(b)
		}
		left = left[n:]
		return v, true
	}
	bytes := func(wide bool, most int) int {
		if wide {
			return most
		}
		return most / 2
	}
	for range min(binary.BigEndian.Uint32(ipma[4:]), maxBoxes) {
		id, _ := take(bytes(wideID, 4))
		count, ok := take(1)
		for range count {
			index, more := take(bytes(wideIndex, 2))
			if !more {
				return list
			}
			if id == item {
				list = append(list, int(index&(1<<(8*bytes(wideIndex, 2)-1)-1)))
			}
		}
		if !ok {
			return list
		}
	}
	return list
}

// turn is what is done to a stored picture: mirrored left to right first, then turned clockwise.
type turn struct {
	mirror   bool
	quarters int
}

// mirrored is t, then mirrored: top to bottom or left to right.
func (t turn) mirrored(upsideDown bool) turn {
	q := (4 - t.quarters) % 4
	if upsideDown {
		q = (q + 2) % 4
	}
	return turn{!t.mirror, q}
}

// exif is t as EXIF says it.
func (t turn) exif() int {
	if t.mirror {
		return [4]int{2, 7, 4, 5}[t.quarters]
	}
	return [4]int{1, 6, 3, 8}[t.quarters]
}
