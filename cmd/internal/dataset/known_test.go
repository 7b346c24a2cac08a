package dataset

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func TestKnownFaceIsTheWholePictures(t *testing.T) {
	k := &knownFace{landmark.Sample{Score: 1, Seq: 7}}
	if found, err := k.Faces(nil); err != nil || len(found) != 1 || found[0].Seq != 7 {
		t.Errorf("in the picture: %v, %v", found, err)
	}
	if found, err := k.Faces(nil); err != nil || len(found) != 0 {
		t.Errorf("in its crop: %v, %v", found, err)
	}
}
