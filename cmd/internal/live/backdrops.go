package live

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/web"
)

// backdrops keeps the last few pictures that drivers put behind their portraits, in memory only.
// It is safe for concurrent use.
type backdrops struct {
	edge int // of the square that is kept, pixels: scaled once, not for each session and message

	mu   sync.Mutex
	kept []backdrop // newest last
}

type backdrop struct {
	id  string
	img *image.RGBA
}

const maxBackdrops = 16

// newBackdrops keeps pictures for portraits of the given edge.
func newBackdrops(edge int) *backdrops { return &backdrops{edge: edge} }

var _ web.Backdrops = (*backdrops)(nil)

// Add decodes a picture and keeps it; the id is made of its bytes.
func (b *backdrops) Add(src []byte) (string, error) {
	sum := sha256.Sum256(src)
	drop := backdrop{id: hex.EncodeToString(sum[:8])}
	if drop.img = b.get(drop.id); drop.img == nil {
		pic, err := intake.Decode(src, intake.DefaultLimits())
		if err != nil {
			return "", err
		}
		drop.img = imaging.Cover(pic.Image, b.edge)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = slices.DeleteFunc(b.kept, func(o backdrop) bool { return o.id == drop.id })
	b.kept = append(b.kept, drop)
	if len(b.kept) > maxBackdrops {
		b.kept = slices.Delete(b.kept, 0, 1)
	}
	return drop.id, nil
}

// get returns a kept picture, nil if there is none of that id.
func (b *backdrops) get(id string) *image.RGBA {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.kept {
		if d.id == id {
			return d.img
		}
	}
	return nil
}
