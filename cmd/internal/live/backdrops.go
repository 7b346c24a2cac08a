package live

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/web"
)

// backdrops keeps the last few pictures that drivers put behind their portraits, in memory only.
// It is safe for concurrent use.
type backdrops struct {
	edge int // of the squares that are kept, pixels: scaled once, not for each session and message

	mu   sync.Mutex
	kept []backdrop // newest last
}

type backdrop struct {
	id     string
	img    *image.RGBA // the middle square
	around image.Image // what there is of it in 16:9, for wide pictures; nil where that is no more than the square
}

const maxBackdrops = 16

// newBackdrops keeps pictures for portraits of the given edge.
func newBackdrops(edge int) *backdrops { return &backdrops{edge: edge} }

var _ web.Backdrops = (*backdrops)(nil)

// Add decodes a picture and keeps it; the id is made of its bytes.
func (b *backdrops) Add(src []byte) (string, error) {
	sum := sha256.Sum256(src)
	drop, ok := b.get(hex.EncodeToString(sum[:8]))
	if !ok {
		pic, err := intake.Decode(src, intake.DefaultLimits())
		if err != nil {
			return "", err
		}
		drop = backdrop{id: hex.EncodeToString(sum[:8]), img: imaging.Cover(pic.Image, b.edge)}
		if r := pic.Image.Bounds(); r.Dx() > r.Dy() {
			wide := imaging.Narrow(pic.Image, pipeline.WideWidth, pipeline.WideHeight)
			drop.around = imaging.Shrink(wide, pipeline.WideHeight)
		}
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

// get returns a kept picture, if there is one of that id.
func (b *backdrops) get(id string) (backdrop, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.kept {
		if d.id == id {
			return d, true
		}
	}
	return backdrop{}, false
}
