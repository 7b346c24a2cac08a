package intake

import "encoding/binary"

// tiffTags is what we want of the first directory of a TIFF file or an EXIF block. Zero values: not there.
type tiffTags struct {
	orientation int
	profile     []byte
	tile        int64 // pixels of one tile
}

// readTIFF reads the first directory; anything broken is left out.
func readTIFF(data []byte) (tags tiffTags) {
	if len(data) < 8 {
		return tags
	}
	var order binary.ByteOrder
	switch string(data[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return tags
	}
	at := int64(order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return tags
	}
	entries := int64(order.Uint16(data[at:]))
	var tw, th int64
	for i := range min(entries, 512) {
		pos := at + 2 + 12*i
		if pos+12 > int64(len(data)) {
			break
		}
		e := data[pos : pos+12]
		value := int64(order.Uint32(e[8:]))
		if order.Uint16(e[2:]) == 3 { // a short, at the left of its field
			value = int64(order.Uint16(e[8:]))
		}
		switch order.Uint16(e) {
		case 274:
			tags.orientation = int(value)
		case 322:
			tw = value
		case 323:
			th = value
		case 34675:
			from, size := int64(order.Uint32(e[8:])), int64(order.Uint32(e[4:]))
			if size <= maxProfile && from+size <= int64(len(data)) {
				tags.profile = data[from : from+size]
			}
		}
	}
	tags.tile = min(tw, 1<<20) * min(th, 1<<20)
	return tags
}
