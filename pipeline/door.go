package pipeline

import (
	"fmt"
	"sync"
	"time"
)

// Cost is what one picture of a session takes: of the loop's thread, and of all cores together (which includes that).
type Cost struct {
	Loop  time.Duration
	Cores time.Duration
}

func (c Cost) plus(d Cost) Cost  { return Cost{c.Loop + d.Loop, c.Cores + d.Cores} }
func (c Cost) minus(d Cost) Cost { return Cost{c.Loop - d.Loop, c.Cores - d.Cores} }
func (c Cost) in(d Cost) bool    { return c.Loop <= d.Loop && c.Cores <= d.Cores }

// Room is what sessions may take together in the time of one frame.
type Room struct {
	Sessions int  // at most so many; 0: as many as fit
	Budget   Cost // Loop of the loop's thread, Cores of all cores
}

// Headroom is the share of the machine that a measured Room leaves free, for what was not measured: the network, other
// programs, a portrait that is larger in its picture than the one that was measured.
const Headroom = 0.25

// NewRoom is the room of a machine with so many cores at a frame rate, with Headroom. sessions as in Room.
func NewRoom(fps, cores, sessions int) Room {
	free := time.Duration((1 - Headroom) * float64(time.Second) / float64(fps))
	return Room{Sessions: sessions, Budget: Cost{Loop: free, Cores: free * time.Duration(cores)}}
}

// Fits is how many sessions of one cost there is room for.
func (r *Room) Fits(c Cost) int {
	n := 256
	if c.Loop > 0 {
		n = min(n, int(r.Budget.Loop/c.Loop))
	}
	if c.Cores > 0 {
		n = min(n, int(r.Budget.Cores/c.Cores))
	}
	return n
}

// Door lets sessions in while there is room. What a session was let in with is its own until it leaves, so that nobody
// who is inside gets less because another one came. It is safe for concurrent use.
type Door struct {
	room Room

	mu     sync.Mutex
	inside int
	taken  Cost
}

// NewDoor opens a door to an empty room.
func NewDoor(r Room) *Door { return &Door{room: r} }

// Enter takes a place of the first cost that fits; pass it to Leave. The last cost is the least that a session can do with:
// the first session of all gets it in any case, and every one where the room counts sessions (someone wrote that number).
// It fails with ErrFull.
func (d *Door) Enter(wants ...Cost) (which int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.room.Sessions > 0 && d.inside >= d.room.Sessions {
		return 0, fmt.Errorf("%w (%d sessions)", ErrFull, d.inside)
	}
	for i, c := range wants {
		least := i == len(wants)-1
		if d.taken.plus(c).in(d.room.Budget) || least && (d.inside == 0 || d.room.Sessions > 0) {
			d.inside++
			d.taken = d.taken.plus(c)
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w (%d sessions)", ErrFull, d.inside)
}

// Leave gives a place back.
func (d *Door) Leave(c Cost) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
	d.taken = d.taken.minus(c)
}
