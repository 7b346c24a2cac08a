package compositor

import (
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline"
)

// Badges is a look with badges at a place, for square pictures of size x size pixels and for wide ones.
func Badges(place mesh.BadgePlace, size int) Look {
	return Look{
		Badge: mesh.NewBadge(place, size, size),
		Wide:  mesh.NewBadge(place, pipeline.WideWidth, pipeline.WideHeight),
	}
}

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
