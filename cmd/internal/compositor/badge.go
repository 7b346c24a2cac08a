package compositor

import (
	"github.com/gioconda-live/gioconda/models/mesh"
)

// BadgePlace turns a configured corner into the geometric layer's.
func BadgePlace(corner string) mesh.BadgePlace {
	switch corner {
	case "top-left":
		return mesh.BadgeTopLeft
	case "top-right":
		return mesh.BadgeTopRight
	case "bottom-left":
		return mesh.BadgeBottomLeft
	case "none":
		return mesh.BadgeNone
	default:
		return mesh.BadgeBottomRight
	}
}
