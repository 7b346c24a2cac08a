package motion

// Landmarks that stand alone, by name. Left and right are the picture's.
const (
	NoseTip       = 1
	UpperLipInner = 13 // the middle of the upper lip's lower edge: it touches LowerLipInner when the mouth is shut
	LowerLipInner = 14
	LeftEyeOuter  = 33 // corners of the eyes
	LeftEyeInner  = 133
	RightEyeInner = 362
	RightEyeOuter = 263
	MouthLeft     = 61 // corners of the mouth, outer edge
	MouthRight    = 291
	ChinTip       = 152
	BridgeTop     = 168 // the ridge of the nose, between the eyes and halfway down
	BridgeLow     = 195
	LeftIris      = 468 // centres; the four that follow lie on the edge
	RightIris     = 473
)

// FaceOval is the outline of the face mesh, from the top of the forehead clockwise in the picture.
func FaceOval() [36]uint16 {
	return [36]uint16{
		10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
		152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
	}
}

// LipColumn is one vertical cut through both lips, away from the corners of the mouth. Each lip is listed from
// its outer edge to its inner one; the last of Upper and the last of Lower meet when the mouth is shut.
type LipColumn struct{ Upper, Lower [4]uint16 }

// LipColumns lists the cuts from the picture's left to its right; the fifth is the middle.
func LipColumns() [9]LipColumn {
	return [9]LipColumn{
		{[4]uint16{185, 184, 183, 191}, [4]uint16{146, 77, 96, 95}},
		{[4]uint16{40, 74, 42, 80}, [4]uint16{91, 90, 89, 88}},
		{[4]uint16{39, 73, 41, 81}, [4]uint16{181, 180, 179, 178}},
		{[4]uint16{37, 72, 38, 82}, [4]uint16{84, 85, 86, 87}},
		{[4]uint16{0, 11, 12, 13}, [4]uint16{17, 16, 15, 14}},
		{[4]uint16{267, 302, 268, 312}, [4]uint16{314, 315, 316, 317}},
		{[4]uint16{269, 303, 271, 311}, [4]uint16{405, 404, 403, 402}},
		{[4]uint16{270, 304, 272, 310}, [4]uint16{321, 320, 319, 318}},
		{[4]uint16{409, 408, 407, 415}, [4]uint16{375, 307, 325, 324}},
	}
}

// MouthCorners lists the corners of the mouth, each from the outer edge to the inner one: the picture's left, right.
func MouthCorners() [2][4]uint16 {
	return [2][4]uint16{{61, 76, 62, 78}, {291, 306, 292, 308}}
}

// EyeParts names the landmarks of one eye. Upper[i] and Lower[i] meet when the eye is shut; they run from the
// outer corner to the inner one without the corners. UpperFold and LowerFold are the first ring of skin around the lids.
type EyeParts struct {
	Outer, Inner         uint16 // corners
	Upper, Lower         [7]uint16
	UpperFold, LowerFold [7]uint16
	Iris                 [5]uint16 // centre first
}

// Eyes lists both eyes: the picture's left, right.
func Eyes() [2]EyeParts {
	return [2]EyeParts{
		{
			Outer: 33, Inner: 133,
			Upper:     [7]uint16{246, 161, 160, 159, 158, 157, 173},
			Lower:     [7]uint16{7, 163, 144, 145, 153, 154, 155},
			UpperFold: [7]uint16{247, 30, 29, 27, 28, 56, 190},
			LowerFold: [7]uint16{25, 110, 24, 23, 22, 26, 112},
			Iris:      [5]uint16{468, 469, 470, 471, 472},
		},
		{
			Outer: 263, Inner: 362,
			Upper:     [7]uint16{466, 388, 387, 386, 385, 384, 398},
			Lower:     [7]uint16{249, 390, 373, 374, 380, 381, 382},
			UpperFold: [7]uint16{467, 260, 259, 257, 258, 286, 414},
			LowerFold: [7]uint16{255, 339, 254, 253, 252, 256, 341},
			Iris:      [5]uint16{473, 474, 475, 476, 477},
		},
	}
}

// Brows lists the ten landmarks of each brow: the picture's left, right.
func Brows() [2][10]uint16 {
	return [2][10]uint16{
		{46, 53, 52, 65, 55, 70, 63, 105, 66, 107},
		{276, 283, 282, 295, 285, 300, 293, 334, 296, 336},
	}
}
