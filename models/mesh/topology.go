package mesh

// faceOval is the outline of the face mesh, starting at the top of the forehead, clockwise in the picture.
func faceOval() [36]uint16 {
	return [36]uint16{
		10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
		152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
	}
}

// eyeContour is the edge of the lids from the picture's left corner to its right one, both corners included.
type eyeContour struct {
	upper, lower [9]uint16
	iris         uint16 // centre; the next four lie on its edge
	brow         [5]uint16
}

// eyeContours lists the eye on the picture's left, then the one on its right.
func eyeContours() [2]eyeContour {
	return [2]eyeContour{
		{
			[9]uint16{33, 246, 161, 160, 159, 158, 157, 173, 133},
			[9]uint16{33, 7, 163, 144, 145, 153, 154, 155, 133}, 468,
			[5]uint16{46, 53, 52, 65, 55},
		},
		{
			[9]uint16{362, 398, 384, 385, 386, 387, 388, 466, 263},
			[9]uint16{362, 382, 381, 380, 374, 373, 390, 249, 263}, 473,
			[5]uint16{285, 295, 282, 283, 276},
		},
	}
}

// lipContour is the inner edge of the lips from the picture's left corner to its right one, corners included.
type lipContour struct{ upper, lower [11]uint16 }

func innerLips() lipContour {
	return lipContour{
		[11]uint16{78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308},
		[11]uint16{78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308},
	}
}

// Single landmarks by name.
const (
	chinTip       = 152
	noseBase      = 2
	upperLipInner = 13
	lowerLipInner = 14
	mouthLeft     = 61
	mouthRight    = 291
	bridgeTop     = 168
	bridgeLow     = 195
)
