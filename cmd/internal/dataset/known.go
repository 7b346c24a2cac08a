package dataset

import (
	"image"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// knownFace is a face whose landmarks need no looking for; in units of the first picture that is asked about, and
// not looked for again in a crop of it.
type knownFace struct{ sample landmark.Sample }

func (k *knownFace) Faces(*image.RGBA) ([]landmark.Sample, error) {
	one := k.sample
	k.sample = landmark.Sample{}
	if one.Score == 0 {
		return nil, nil
	}
	return []landmark.Sample{one}, nil
}
