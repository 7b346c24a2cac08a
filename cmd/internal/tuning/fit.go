package tuning

import (
	"context"
	"math/rand/v2"

	"github.com/gioconda-live/gioconda/models/portrait"
)

const (
	steps    = 120  // at most, unless told
	lookEach = 20   // steps, after which it is judged
	rate     = 0.03 // of a step; see portrait.Tuner
	// least is by what share frames that were kept out have to be nearer to their truth between the lips.
	least = 0.03
	// faint is what the likeness of a face may lose before it counts: the network reads no finer.
	faint = 0.002
)

// TooFew is why there is nothing to tune to.
const TooFew = "too few of the frames show an open mouth"

// Result is what came of it.
type Result struct {
	// Look is the appearance to keep; nil: the persona is served as it was, for Why.
	Look *portrait.Appearance
	Why  string // a sentence without its full stop; "" where Look is there

	Frames, Kept  int     // that were taken, and how many of these were kept out
	Before, After float64 // mean difference between the lips of those kept out, of full range: served untuned, and the best that was found
	Steps         int     // taken for that
	Share         float32 // of what the network says that counts
	Alike         float64 // by how much the likeness grew; 0 where it is not known
}

// Options say how it is done.
type Options struct {
	Steps    int                           // at most; 0: as many as have been found good
	Progress func(done float64)            // 0..1; nil: nobody looks
	Turn     func(work func() error) error // does a piece of the work, of some tenths of a second, when it is its turn; nil: at once
}

// Fit tunes to the frames that were added. A persona whose frames that were kept out do not gain is left as it is, which is no error.
func (f *Film) Fit(ctx context.Context, o Options) (*Result, error) {
	r := &Result{Frames: len(f.frames)}
	var shown, kept []*shot
	for _, s := range f.frames {
		if s.kept {
			kept = append(kept, s)
			r.Before += float64(s.before)
		} else {
			shown = append(shown, s)
		}
	}
	r.Kept = len(kept)
	if len(f.frames) < LeastFrames || len(shown) < f.tuner.Rows() {
		r.Why = TooFew
		return r, nil
	}
	r.Before /= float64(len(kept))
	r.After = r.Before
	best, err := f.search(ctx, o, r, shown, kept)
	if err != nil {
		return nil, err
	}
	if best == nil || r.After > (1-least)*r.Before {
		r.Why = "frames that it was not tuned to would gain too little"
		return r, nil
	}
	err = turned(ctx, o.Turn, func() (err error) { r.Alike, err = f.likelier(best, kept); return err })
	if err != nil {
		return nil, err
	}
	if r.Alike < -faint {
		r.Why = "the face would be less like the person"
		return r, nil
	}
	r.Look = best
	return r, nil
}

// search takes the steps, and gives the best that was on the way.
func (f *Film) search(ctx context.Context, o Options, r *Result, shown, kept []*shot) (best *portrait.Appearance, err error) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same persona from the same film
	batch := make([]*portrait.Example, f.tuner.Rows())
	most := o.Steps
	if most == 0 {
		most = steps
	}
	for k := 1; k <= most; k++ {
		for i, j := range random.Perm(len(shown))[:len(batch)] {
			batch[i] = &shown[j].Example
		}
		err := turned(ctx, o.Turn, func() error { _, err := f.tuner.Step(batch, rate); return err })
		if err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(float64(k) / float64(most))
		}
		if k%lookEach != 0 {
			continue
		}
		for _, share := range []float32{0.5, 1} {
			look := f.tuner.Appearance(share)
			var off float64
			err := turned(ctx, o.Turn, func() (err error) { off, err = f.judge(look, kept); return err })
			if err != nil {
				return nil, err
			}
			if off < r.After {
				best, r.After, r.Steps, r.Share = look, off, k, share
			}
		}
	}
	return best, nil
}

// judge is how far frames are off once look has painted them.
func (f *Film) judge(look *portrait.Appearance, kept []*shot) (float64, error) {
	painter, err := f.tuner.Painter(look, size)
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, s := range kept {
		off, err := f.tuner.Judge(painter, &s.Example)
		if err != nil {
			return 0, err
		}
		sum += float64(off)
	}
	return sum / float64(len(kept)), nil
}

// likelier is by how much faces are more like their person than what is served untuned.
func (f *Film) likelier(look *portrait.Appearance, kept []*shot) (float64, error) {
	painter, err := f.tuner.Painter(look, size)
	if err != nil {
		return 0, err
	}
	var sum float64
	n := 0
	for _, s := range kept {
		if s.who == nil || s.alike < 0 {
			continue
		}
		if err := painter.Paint(s.Picture, &s.State); err != nil { // it is not needed any more
			return 0, err
		}
		alike, err := f.likeness(s, s.Picture)
		if err != nil {
			return 0, err
		}
		if alike >= 0 {
			sum += float64(alike - s.alike)
			n++
		}
	}
	return sum / float64(max(n, 1)), nil
}
