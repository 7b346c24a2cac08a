package views

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// Draw draws a portrait in a state as it is without what its further views know. The picture is complete afterwards.
type Draw func(dst *frame.I420, st *motion.State) error

// take is one view: the state that shows the portrait so, and what the view shows beyond what is drawn for it.
type take struct {
	state motion.State
	shown [3]*planar.Plane // the view over the portrait, in its light, of the whole picture
	diff  [3]*planar.Plane // of the whole picture: luma, then chroma, all of its size
	seen  *planar.Plane    // 1 where the view is a picture, 0 where it was filled in
}

// rehearsal makes takes of views.
type rehearsal struct {
	rest   *motion.Rest
	size   int
	draw   Draw
	fitter *motion.Fitter
	moves  *retarget.Retargeter
	drawn  *frame.I420
}

func newRehearsal(rest *motion.Rest, size int, draw Draw) (*rehearsal, error) {
	o := retarget.DefaultOptions()
	o.Mode, o.FixedNeutral, o.SmoothingOff = retarget.Absolute, true, true
	r := &rehearsal{rest: rest, size: size, draw: draw, fitter: motion.NewFitter(), moves: retarget.New(rest, o)}
	var err error
	r.drawn, err = frame.NewI420(size, size)
	return r, err
}

var errPose = errors.New("views: a view's face has no place in the portrait")

// take draws the portrait as in a view and compares.
func (r *rehearsal) take(v *persona.View) (*take, error) {
	var one landmark.Sample
	for i, p := range v.Face.Points {
		one.Points[i] = v.Face.Head.Apply(p)
	}
	d := r.fitter.FitFace(&r.rest.Points, &one.Points)
	k := r.rest.Head.Scale / d.Scale // crop edges of the portrait for one of the view
	if !(k > 0.05 && k < 20) {
		return nil, errPose
	}
	x, y := r.rest.Head.T.X-k*d.T.X, r.rest.Head.T.Y-k*d.T.Y
	for i := range one.Points {
		q := &one.Points[i]
		*q = motion.Vec3{X: x + k*q.X, Y: y + k*q.Y, Z: k * q.Z}
	}
	r.moves.Forget()
	t := &take{state: *r.moves.Step(&one, time.Unix(1000, 0))}
	if err := r.draw(r.drawn, &t.state); err != nil {
		return nil, err
	}
	edge := float64(v.Crop.Rect.Dx())
	step := edge / (float64(r.size) * float64(k))
	place := func(p *planar.Plane) *planar.Plane {
		return p.Resample(r.size, r.size, -float64(x)/float64(k)*edge, -float64(y)/float64(k)*edge, step)
	}
	for i, p := range planar.FromRGBA(v.Crop) {
		t.shown[i], t.diff[i] = place(p), planar.New(r.size, r.size)
	}
	t.seen = place(planar.FromGray(v.Inside))
	t.hide(r.size, float64(x), float64(y), float64(k))
	return t, nil
}

// hide takes what lies beyond the view's crop, where its border was repeated, for unseen.
func (t *take) hide(size int, x, y, k float64) {
	for o := range t.seen.Pix {
		px, py := (float64(o%size)+0.5)/float64(size), (float64(o/size)+0.5)/float64(size)
		if u, v := (px-x)/k, (py-y)/k; u < 0 || v < 0 || u > 1 || v > 1 {
			t.seen.Pix[o] = 0
		}
	}
}

// against brings the view's light to the portrait's, given samples of the skin, and leaves in diff what differs from drawn. It tells
// by how much the view's luma had to be multiplied.
func (t *take) against(drawn *frame.I420, places []motion.Vec3) (gain float32) {
	n := drawn.Width
	var ratios, du, dv []float32
	for _, p := range places {
		i, j := int(p.X), int(p.Y)
		if i < 0 || j < 0 || i >= n || j >= n || t.seen.At(i, j) < 0.99 {
			continue
		}
		c := j/2*(n/2) + i/2
		ratios = append(ratios, (float32(drawn.Y[j*n+i])-frame.LumaBlack+4)/max(t.shown[0].At(i, j)-frame.LumaBlack+4, 1))
		du, dv = append(du, float32(drawn.U[c])-t.shown[1].At(i, j)), append(dv, float32(drawn.V[c])-t.shown[2].At(i, j))
	}
	if len(ratios) < 20 {
		return float32(math.Inf(1))
	}
	gain = middle(ratios)
	u, v := middle(du), middle(dv)
	for o := range t.diff[0].Pix {
		x, y := o%n, o/n
		c := y/2*(n/2) + x/2
		t.shown[0].Pix[o] = frame.LumaBlack + gain*(t.shown[0].Pix[o]-frame.LumaBlack)
		t.shown[1].Pix[o] += u
		t.shown[2].Pix[o] += v
		t.diff[0].Pix[o] = t.shown[0].Pix[o] - float32(drawn.Y[o])
		t.diff[1].Pix[o] = t.shown[1].Pix[o] - float32(drawn.U[c])
		t.diff[2].Pix[o] = t.shown[2].Pix[o] - float32(drawn.V[c])
	}
	return gain
}

func middle(v []float32) float32 {
	slices.Sort(v)
	return v[len(v)/2]
}

// usualGain bounds how far a view's light may be from the portrait's.
func usualGain(g float32) bool { return g > 0.5 && g < 2 && num.Finite(g) }
