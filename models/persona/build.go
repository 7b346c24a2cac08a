package persona

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// Face is a face found in a picture: Points in units of the picture's width, settled as for a still, and Score, the
// probability that this is a face, count here.
type Face = landmark.Sample

// Analyser looks at pictures; face.Still is one. img is opaque, bounds from (0, 0), and not kept.
type Analyser interface {
	// Faces returns every face in any order, none when there are none; one may be there twice.
	Faces(img *image.RGBA) ([]Face, error)
	// Matte returns the person's opacity (255 is person) over the whole of img, stretched to any size.
	Matte(img *image.RGBA) (*image.Gray, error)
}

// Deps is what Build works with. Both are required.
type Deps struct {
	Analyser  Analyser
	Triangles [][3]uint16 // indices below landmark.Count
}

// Options say how a persona is made. The zero value is usable.
type Options struct {
	Limits     intake.Limits // zero is intake.DefaultLimits
	SourceName string        // name of the file, kept in the manifest
	Credit     string
	Attested   bool   // the maker ticked AttestedAs; asking for it is the caller's business
	AttestedAs string // empty with Attested is Attestation
	MaxEdge    int    // of the crop, 0 is 1024
	// Face is the number of the face to take, counted from the left from 1 (FaceBoxes lists them); 0 is the largest.
	Face int
	// Foreign decodes AVIF and HEIC pictures; nil: they are refused.
	Foreign intake.Foreign
	// Known is the face of the picture for those who have its landmarks, or nil. No other is looked for then.
	Known   *Face
	Created time.Time // zero is now
}

// Progress hears how far Build is, 0..1, and the step that begins, in plain words. It is called from Build's goroutine.
type Progress func(fraction float64, step string)

// Build makes a persona from the bytes of a picture. name is shown to people; the ID is made from it, or from
// SourceName when name is empty. progress may be nil. A picture that cannot be served is refused with an *Error;
// other errors are failures of Deps, or the context's.
func Build(ctx context.Context, src []byte, name string, deps Deps, opts Options, progress Progress) (*Persona, error) {
	return build(ctx, name, deps, opts, progress, func(ctx context.Context, b *builder) error { return b.decode(ctx, src) })
}

// BuildImage is Build for a picture that is decoded: upright, opaque, sRGB, rows packed, bounds from (0, 0). The persona
// keeps img, so it must not be changed afterwards. The manifest says nothing of a file, and Limits are not asked.
func BuildImage(ctx context.Context, img *image.RGBA, name string, deps Deps, opts Options, progress Progress) (*Persona, error) {
	if img == nil || img.Rect.Empty() || img.Rect.Min != (image.Point{}) || img.Stride != 4*img.Rect.Dx() || !img.Opaque() {
		return nil, errors.New("persona: BuildImage needs an opaque picture with packed rows and bounds from (0, 0)")
	}
	return build(ctx, name, deps, opts, progress, func(_ context.Context, b *builder) error { b.take(img); return nil })
}

func build(ctx context.Context, name string, deps Deps, opts Options, progress Progress, read func(context.Context, *builder) error) (*Persona, error) {
	if deps.Analyser == nil || len(deps.Triangles) == 0 {
		return nil, errors.New("persona: Build needs an analyser and triangles")
	}
	b := &builder{analyser: deps.Analyser, opts: opts, progress: progress}
	b.persona = &Persona{Manifest: newManifest(name, &opts), Triangles: deps.Triangles}
	for _, stage := range []struct {
		at   float64
		step string
		run  func(context.Context) error
	}{
		{0, "Reading the picture", func(ctx context.Context) error { return read(ctx, b) }},
		{0.3, "Finding the face", b.find},
		{0.55, "Framing head and shoulders", b.frame},
		{0.7, "Looking closely at the face", b.settle},
		{0.85, "Telling the person from the background", b.matte},
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b.report(stage.at, stage.step)
		if err := stage.run(ctx); err != nil {
			return nil, err
		}
	}
	b.report(1, "Ready")
	return b.persona, nil
}

// builder carries a persona through its stages.
type builder struct {
	analyser Analyser
	opts     Options
	progress Progress
	persona  *Persona

	source *image.RGBA     // the picture as decoded
	full   *image.RGBA     // the same, longer side at most fullEdge
	face   Face            // in units of the width of full, later of the crop
	others []bounds        // of the other faces, in units of the width of full
	place  square          // the crop in source
	known  image.Rectangle // of the crop: what came from the picture
}

func (b *builder) report(fraction float64, step string) {
	if b.progress != nil {
		b.progress(fraction, step)
	}
}

func (b *builder) warn(code, message string) {
	m := &b.persona.Manifest
	m.Warnings = append(m.Warnings, Warning{Code: code, Message: message})
}

func newManifest(name string, opts *Options) Manifest {
	created := opts.Created
	if created.IsZero() {
		created = time.Now()
	}
	m := Manifest{
		Version: FormatVersion, ID: Slug(name), Name: cleanName(name), Created: created.UTC().Truncate(time.Second),
		SourceName: cleanName(opts.SourceName), Attested: opts.Attested, Credit: opts.Credit,
	}
	if m.Name == "" {
		m.Name = nameFromFile(opts.SourceName)
		m.ID = Slug(m.Name)
	}
	if m.Attested {
		m.AttestedAs = cmp.Or(opts.AttestedAs, Attestation)
	}
	return m
}

func (b *builder) decode(ctx context.Context, src []byte) error {
	limits := b.opts.Limits
	if limits == (intake.Limits{}) {
		limits = intake.DefaultLimits()
	}
	picture, err := intake.DecodeWith(ctx, src, limits, b.opts.Foreign)
	if err != nil {
		return err
	}
	for _, n := range picture.Notes {
		b.warn(n.Code, n.Message)
	}
	hash := sha256.Sum256(src)
	b.persona.Manifest.SourceHash = hex.EncodeToString(hash[:])
	b.take(picture.Image)
	return nil
}

func (b *builder) take(img *image.RGBA) {
	b.source, b.full = img, img
	w, h := img.Rect.Dx(), img.Rect.Dy()
	b.persona.Manifest.SourceSize = [2]int{w, h}
	if longer := max(w, h); longer > fullEdge {
		b.full = raster.Resample(img, raster.Area{W: float64(w), H: float64(h)},
			max(1, w*fullEdge/longer), max(1, h*fullEdge/longer))
	}
	b.persona.Full = NewFull(b.full)
}

func (b *builder) find(context.Context) error {
	faces, err := b.faces()
	if err != nil {
		return fmt.Errorf("looking for a face: %w", err)
	}
	if len(faces) == 0 {
		return refuse(CodeNoFace, "No face was found in this picture; choose one that shows a single human face "+
			"from the front, large and well lit. Animals and faces seen from behind cannot be used.")
	}
	if err := b.choose(faces); err != nil {
		return err
	}
	return b.checkFace()
}

// choose takes the face that was asked for, or the largest. faces are counted from the left.
func (b *builder) choose(faces []Face) error {
	n := b.opts.Face
	switch {
	case n < 0 || n > len(faces) && len(faces) > 1:
		return refuse(CodeFaceNumber, "There is no face number %d in this picture: it shows %d faces. Choose a number from 1 to %d, "+
			"counted from the left.", n, len(faces), len(faces))
	case n > len(faces):
		return refuse(CodeFaceNumber, "There is no face number %d in this picture: it shows one face. Leave the number out.", n)
	case n == 0:
		n = 1 + largest(faces)
	}
	b.face = faces[n-1]
	b.setNeighbours(faces, n)
	m := &b.persona.Manifest
	m.FaceCount, m.FaceScore = len(faces), b.face.Score
	if len(faces) > 1 && b.opts.Face == 0 {
		b.warn(WarnSeveralFaces, fmt.Sprintf("There are %d faces in this picture; the largest, number %d from the left, was taken. "+
			"Choose another by its number (on the command line --face %d), or crop the picture.", len(faces), n, 1+n%len(faces)))
	}
	return nil
}

// faces are those of the picture that can be used, each once, from the left.
func (b *builder) faces() ([]Face, error) {
	if b.opts.Known != nil {
		return usable([]Face{*b.opts.Known}), nil
	}
	found, err := b.analyser.Faces(b.full)
	return fromLeft(usable(distinct(found))), err
}

func (b *builder) frame(context.Context) error {
	scale := float64(b.source.Rect.Dx()) // of landmarks to pixels of the source
	b.place = frameSquare(faceBounds(&b.face.Points).scaled(scale), headMiddle(&b.face.Points)*scale,
		b.source.Rect.Dx(), b.source.Rect.Dy())
	edge := cropEdge(b.place.edge, cmp.Or(b.opts.MaxEdge, maxCropEdge))
	p := b.persona
	p.Crop, p.Inside, b.known = renderCrop(b.source, b.place, edge)
	s := float64(b.full.Rect.Dx()) / scale
	p.Place = Place{X: float64(b.place.x) * s, Y: float64(b.place.y) * s, Edge: float64(b.place.edge) * s}
	return nil
}

// settle finds the landmarks again, in the crop, where the face is larger than in a reduced picture.
func (b *builder) settle(context.Context) error {
	scale := float32(b.source.Rect.Dx()) / float32(b.place.edge)
	expected := b.face
	for i := range expected.Points {
		q := &expected.Points[i]
		q.X = q.X*scale - float32(b.place.x)/float32(b.place.edge)
		q.Y = q.Y*scale - float32(b.place.y)/float32(b.place.edge)
		q.Z *= scale
	}
	b.face = expected
	if b.opts.Known == nil {
		faces, err := b.analyser.Faces(b.persona.Crop)
		if err != nil {
			return fmt.Errorf("looking at the face: %w", err)
		}
		if again, ok := nearest(usable(faces), &expected); ok {
			b.face = again
			b.persona.Manifest.FaceScore = again.Score
		}
	}
	b.persona.Face = retarget.NewRest(&b.face.Points)
	return b.checkCrop()
}

func (b *builder) matte(ctx context.Context) error {
	soft, missed, err := b.coarseMatte(ctx)
	if err != nil {
		return err
	}
	b.persona.Matte = refineMatte(b.persona.Crop, soft)
	raster.Surround(b.persona.Crop, b.persona.Matte, b.known)
	if !b.checkTight(missed) {
		b.checkHead()
	}
	return nil
}
