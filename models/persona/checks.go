package persona

import (
	"fmt"
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// What a picture must have; angles in degrees, sizes in pixels of the source.
const (
	leastFace   = 48
	goodEyes    = 40
	turnedYaw   = 28
	profileYaw  = 45
	tiltedPitch = 28
	mostRoll    = 60
	leastScore  = 0.3
	goodScore   = 0.98 // 71 faces of photographs, paintings, statues and drawings: 0.995 and more; a dog: 0.96
	shutLid     = 0.09 // lid gap over eye width
	openMouth   = 0.30 // lip gap over mouth width
	darkLuma    = 38   // of 255
)

// checkFace judges the face as it was found in the whole picture: refusals first.
func (b *builder) checkFace() error {
	m := &b.persona.Manifest
	pixels := float64(m.SourceSize[0])
	box := faceBounds(&b.face.Points).scaled(pixels)
	m.EyeDistance = float32(eyeDistance(&b.face.Points) * pixels)
	if size := max(box.width(), box.height()); size < leastFace {
		return refuse(CodeFaceSmall, "The face in this picture is only %.0f pixels tall; choose one where it has at "+
			"least %d, better 250.", size, leastFace)
	}
	if b.face.Score < leastScore {
		return refuse(CodeFaceUnclear, "What looks like a face in this picture is not clear enough; choose a sharp "+
			"picture of a human face from the front, with nothing in front of it.")
	}
	if err := b.checkEdges(box); err != nil {
		return err
	}
	points := b.face.Points
	if left, right := points[motion.LeftEyeOuter], points[motion.RightEyeOuter]; math.Abs(math.Atan2(float64(right.Y-left.Y), float64(right.X-left.X))) > mostRoll*math.Pi/180 {
		return refuse(CodeOnItsSide, "This face lies on its side or upside down; turn the picture upright and try again.")
	}
	pose := motion.NewFitter().FitAverage(&points)
	yaw, pitch, _ := motion.Angles(pose.R)
	yaw, pitch = math.Abs(yaw)*180/math.Pi, math.Abs(pitch)*180/math.Pi
	switch {
	case yaw > profileYaw:
		return refuse(CodeProfile, "This face is seen from the side; choose a picture where both eyes can be seen well.")
	case yaw > turnedYaw:
		b.warn(CodeProfile, "This face is turned well to the side, so its far half must be guessed; "+
			"a picture from the front works better.")
	case pitch > tiltedPitch:
		b.warn(WarnTilted, "This head is tilted far up or down; a picture at eye level works better.")
	}
	return nil
}

// checkEdges judges how much of the face lies outside the picture. box is in pixels of the source.
func (b *builder) checkEdges(box bounds) error {
	size := b.persona.Manifest.SourceSize
	w, h := float64(size[0]), float64(size[1])
	out := 0
	for _, i := range [...]int{
		motion.LeftEyeOuter, motion.LeftEyeInner, motion.RightEyeOuter, motion.RightEyeInner, motion.NoseTip,
		motion.MouthLeft, motion.MouthRight, motion.UpperLipInner, motion.LowerLipInner,
	} {
		p := b.face.Points[i]
		if x, y := float64(p.X)*w, float64(p.Y)*w; x < 0 || y < 0 || x > w || y > h {
			out++
		}
	}
	if out > 0 {
		return refuse(CodeFaceCut, "The edge of the picture cuts through eyes, nose or mouth; choose a picture that "+
			"shows the whole face.")
	}
	slack := 0.03 * box.height()
	if box.x0 < -slack || box.y0 < -slack || box.x1 > w+slack || box.y1 > h+slack {
		b.warn(CodeFaceCut, "The edge of the picture cuts off a part of the face, which must be guessed.")
	}
	return nil
}

// checkCrop judges what can be seen best in the crop.
func (b *builder) checkCrop() error {
	m := &b.persona.Manifest
	points := &b.face.Points
	skin, mouth, lips := b.tone(skinPatches()), b.tone(mouthPatches()), b.tone(lipPatches())
	if m.FaceScore < goodScore || featureless(b.tone(cheekPatches()), b.tone(irises()), lips) {
		b.warn(CodeFaceUnclear, "This face is hard to make out (a mask, a hand, strong shadows, or not a human face); "+
			"it may not move well.")
	}
	if m.EyeDistance < goodEyes {
		b.warn(CodeFaceSmall, fmt.Sprintf("This face is small (%.0f pixels between the eyes), so it will look soft; "+
			"a larger picture works better.", m.EyeDistance))
	}
	if lidGap(points, 159, 145, motion.LeftEyeOuter, motion.LeftEyeInner) < shutLid &&
		lidGap(points, 386, 374, motion.RightEyeOuter, motion.RightEyeInner) < shutLid {
		b.warn(WarnEyesClosed, "The eyes are closed in this picture, so what is behind the lids must be guessed.")
	}
	if lidGap(points, motion.UpperLipInner, motion.LowerLipInner, motion.MouthLeft, motion.MouthRight) > openMouth {
		b.warn(WarnMouthOpen, "The mouth is wide open in this picture; one with closed lips works better.")
	}
	if (skin.y+mouth.y)/2 < darkLuma {
		b.warn(WarnDark, "This face is very dark; a brighter picture works better.")
	}
	if covered(skin, mouth, lips) {
		b.warn(WarnMouthCovered, "Something seems to cover the mouth; the persona will move it along with the face.")
	}
	return nil
}

// lidGap is the distance between two middles over the distance between two corners.
func lidGap(points *[landmark.Count]landmark.Point, upper, lower, from, to int) float64 {
	return distance(points[upper], points[lower]) / max(1e-6, distance(points[from], points[to]))
}

// How far the skin about the mouth is from that of the upper face, and the lips from the skin about them. Over 230
// faces without a mask, paintings among them, the first stays below 24, and below 13 where the second is
// below 3.5; a full dark beard reached 37, with lips 6 from it. The landmark network itself is sure of a face behind a mask.
// Without colour shade, stubble and cloth look alike.
const (
	alienSkin  = 30
	oddSkin    = 14
	noLips     = 3.5
	alienLips  = 5
	leastSkin  = 3 // chroma of the upper face
	leastCloth = 3 // and about the mouth: where both have less the picture is grey
)

// covered judges by colour whether something lies before the mouth.
func covered(skin, mouth, lips tone) bool {
	if math.Hypot(skin.cb, skin.cr) < leastSkin && math.Hypot(mouth.cb, mouth.cr) < leastCloth {
		return false
	}
	off, red := skin.from(mouth), lips.from(mouth)
	return off > alienSkin && red < alienLips || off > oddSkin && red < noLips
}

// skinPatches are landmarks of forehead, nose and upper cheeks.
func skinPatches() []int { return []int{9, 151, 108, 337, 6, 197, 195, 50, 280, 101, 330} }

// featureless tells that neither eyes nor lips stand out from the cheeks: cloth, a wall. Of 71 faces the one nearest to that, a statue
// of clay, has eyes 0.89 as bright as its cheeks and lips 0.76; the pleats of a mask of cloth 1.05 and 0.98.
func featureless(cheeks, eyes, lips tone) bool {
	const alike = 0.07
	near := func(t tone) bool { return math.Abs(t.y/max(cheeks.y, 1)-1) < alike }
	return near(eyes) && near(lips)
}

func cheekPatches() []int { return []int{50, 280, 101, 330, 205, 425} }

func irises() []int { return []int{468, 473} }

// mouthPatches are landmarks about the mouth but not of the lips, where a mask or a hand would be.
func mouthPatches() []int { return []int{164, 167, 393, 18, 200, 83, 313, 43, 273, 106, 335, 92, 322} }

func lipPatches() []int { return []int{0, 37, 267, 17, 84, 314, 40, 270, 91, 321} }

// tone is a mean colour, 0..255, chroma about 0.
type tone struct{ y, cb, cr float64 }

// from is the distance of two tones; brightness counts a third, since shadows change it.
func (t tone) from(o tone) float64 {
	return math.Hypot(math.Hypot(t.cb-o.cb, t.cr-o.cr), (t.y-o.y)/3)
}

// tone averages small squares of the crop about landmarks.
func (b *builder) tone(at []int) (t tone) {
	crop := b.persona.Crop
	edge := float32(crop.Rect.Dx())
	r := max(1, int(0.012*edge))
	n := 0.0
	for _, i := range at {
		p := b.face.Points[i]
		for y := int(p.Y*edge) - r; y <= int(p.Y*edge)+r; y++ {
			for x := int(p.X*edge) - r; x <= int(p.X*edge)+r; x++ {
				if x < 0 || y < 0 || x >= crop.Rect.Dx() || y >= crop.Rect.Dy() {
					continue
				}
				o := crop.PixOffset(x, y)
				red, green, blue := float64(crop.Pix[o]), float64(crop.Pix[o+1]), float64(crop.Pix[o+2])
				luma := 0.299*red + 0.587*green + 0.114*blue
				t.y, t.cb, t.cr, n = t.y+luma, t.cb+0.564*(blue-luma), t.cr+0.713*(red-luma), n+1
			}
		}
	}
	if n > 0 {
		t.y, t.cb, t.cr = t.y/n, t.cb/n, t.cr/n
	}
	return t
}

// checkHead warns when the person goes on beyond the picture's upper edge above the face.
func (b *builder) checkHead() {
	p := b.persona
	edge := p.Crop.Rect.Dx()
	box := faceBounds(&b.face.Points).scaled(float64(edge))
	top := 0
	for top < edge && p.Inside.Pix[top*p.Inside.Stride+edge/2] == 0 {
		top++
	}
	if b.place.y > 0 || top >= edge { // the picture goes on above the crop
		return
	}
	person, n := 0, 0
	for x := max(0, int(box.x0)); x < min(edge, int(box.x1)); x++ {
		if n++; p.Matte.Pix[top*p.Matte.Stride+x] > 128 {
			person++
		}
	}
	if n > 0 && person*4 > n {
		b.warn(WarnHeadCut, "The top of the head is outside the picture, so it must be guessed; "+
			"a picture with some room above the head works better.")
	}
}
