package retarget

// Event is a set of things that happened to a driver; see Retargeter.Events. It is the one list of what a driver may be
// told.
type Event uint8

const (
	// EventNeutral says that the automatic neutral is found; until then a provisional one is used.
	EventNeutral Event = 1 << iota
	// EventCalibrated says that a neutral that was asked for is in use.
	EventCalibrated
	// EventDrift says that the driver has settled away from the neutral (sits elsewhere, looks elsewhere): worth a notice.
	EventDrift
	// EventAnchored says that the slow re-anchoring has caught up after a drift.
	EventAnchored
	// EventPerson says that the face that came after an interruption is clearly another person's; a new neutral is begun, whose
	// EventNeutral follows.
	EventPerson
	// EventFound says that a face drives the portrait again. Package drive tells it, and EventLost.
	EventFound
	// EventLost says that there is no face: the portrait idles.
	EventLost
)

// String names one event in lower case; a set of several, or of none, is "unknown".
func (e Event) String() string {
	switch e {
	case EventNeutral:
		return "neutral"
	case EventCalibrated:
		return "calibrated"
	case EventDrift:
		return "drift"
	case EventAnchored:
		return "anchored"
	case EventPerson:
		return "person"
	case EventFound:
		return "found"
	case EventLost:
		return "lost"
	default:
		return "unknown"
	}
}
