package face

// Reason says why a picture's face is not followed.
type Reason uint8

// The reasons, from what is known best to what is not known at all.
const (
	Followed     Reason = iota // a face is followed
	Several                    // one is followed, but others are as large: it may be the wrong one
	TooSmall                   // there is a face, and it is too small
	TooDark                    // the picture is too dark to find one
	TurnedAway                 // the face looks aside, or did when it was last seen
	OutOfPicture               // the face was last seen at the picture's edge
	Unclear                    // something looks like a face, but is none or cannot be made out
	Nothing                    // nothing looks like a face
	ReasonCount  int    = iota
)

// String says it in a few words, to follow "the face is not followed: ".
func (r Reason) String() string {
	switch r {
	case Followed:
		return "it is followed"
	case Several:
		return "there are several faces"
	case TooSmall:
		return "the face is too small"
	case TooDark:
		return "the picture is too dark"
	case TurnedAway:
		return "the face is turned away"
	case OutOfPicture:
		return "the face leaves the picture"
	case Unclear:
		return "what looks like a face is covered, blurred, or no human face"
	case Nothing:
	}
	return "nothing looks like a face"
}

// Advice is a sentence that says what to do, "" where there is nothing to do.
func (r Reason) Advice() string {
	switch r {
	case Followed:
		return ""
	case Several:
		return "Crop the clip to the one that is meant."
	case TooSmall:
		return "Come closer, or crop the clip: eyes should be 22 pixels apart or more."
	case TooDark:
		return "Put a light before the face."
	case TurnedAway:
		return "Look towards the camera."
	case OutOfPicture:
		return "Keep the whole face in the picture."
	case Unclear:
		return "Let nothing cover the face, and keep it sharp."
	case Nothing:
	}
	return "Use a clip that shows a face from the front."
}
