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

// Times is n times the cost.
func (c Cost) Times(n float64) Cost {
	return Cost{time.Duration(n * float64(c.Loop)), time.Duration(n * float64(c.Cores))}
}

func (c Cost) in(d Cost) bool { return c.Loop <= d.Loop && c.Cores <= d.Cores }

// Capacity is what sessions may take together in the time of one frame.
type Capacity struct {
	Sessions int  // at most so many; 0: as many as fit
	Budget   Cost // Loop of the loop's thread, Cores of all cores
}

// Headroom is the share of the machine that a measured Capacity leaves free, for what was not measured: the network, other
// programs, a portrait that is larger in its picture than the one that was measured.
const Headroom = 0.25

// NewCapacity is that of a machine with so many cores at a frame rate, with Headroom. sessions as in Capacity.
func NewCapacity(fps, cores, sessions int) Capacity {
	return Capacity{Sessions: sessions, Budget: Beside(0, fps, cores)}
}

// Beside is the Budget where other programs keep so many of the cores busy, with Headroom. Half of the machine is ours in any case:
// its scheduler is fair.
func Beside(others float64, fps, cores int) Cost {
	frame := (1 - Headroom) * float64(time.Second) / float64(fps)
	left := max(float64(cores)-others, float64(cores)/2)
	return Cost{Loop: time.Duration(frame * min(left, 1)), Cores: time.Duration(frame * left)}
}

// Fits is how many sessions of one cost there is room for, at most 256.
func (c *Capacity) Fits(one Cost) int {
	n := 256
	if one.Loop > 0 {
		n = min(n, int(c.Budget.Loop/one.Loop))
	}
	if one.Cores > 0 {
		n = min(n, int(c.Budget.Cores/one.Cores))
	}
	return n
}

// Admission lets sessions in while there is room: what those inside take is their own until they leave, so that nobody of them
// gets less because another one came. It is safe for concurrent use.
type Admission struct {
	mu       sync.Mutex // guards the following
	capacity Capacity
	inside   int
	taken    Cost
	lent     Cost // see Borrow
}

// NewAdmission begins with nobody inside.
func NewAdmission(c Capacity) *Admission { return &Admission{capacity: c} }

// Enter takes a place of the first cost that fits; pass it to Leave. The last cost is the least that a session can do with:
// the first session of all gets it in any case, and every one where the capacity counts sessions (someone wrote that number).
// It fails with ErrFull.
func (a *Admission) Enter(wants ...Cost) (which int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	which, ok := a.place(wants)
	if !ok {
		return 0, fmt.Errorf("%w (%d sessions)", ErrFull, a.inside)
	}
	a.inside++
	a.taken = a.taken.plus(wants[which])
	return which, nil
}

// place finds the first cost that fits. mu is held.
func (a *Admission) place(wants []Cost) (which int, ok bool) {
	if a.capacity.Sessions > 0 && a.inside >= a.capacity.Sessions {
		return 0, false
	}
	for i, c := range wants {
		least := i == len(wants)-1
		if a.taken.plus(c).in(a.capacity.Budget) || least && (a.inside == 0 || a.capacity.Sessions > 0) {
			return i, true
		}
	}
	return 0, false
}

// Room tells whether Enter would find a place now.
func (a *Admission) Room(wants ...Cost) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ok := a.place(wants)
	return ok
}

// Free is how many further sessions with the last of the costs, the least that one can do with, there is room for.
func (a *Admission) Free(wants ...Cost) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.capacity.Sessions > 0 {
		return max(0, a.capacity.Sessions-a.inside)
	}
	left := Capacity{Budget: a.capacity.Budget.minus(a.taken)}
	n := max(0, left.Fits(wants[len(wants)-1]))
	if a.inside == 0 {
		n = max(n, 1)
	}
	return n
}

// Taken is how many are inside, and what they were let in with; of is the capacity.
func (a *Admission) Taken() (inside int, taken Cost, of Capacity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.inside, a.taken, a.capacity
}

// Budget sets what there is from now on. Who is inside stays.
func (a *Admission) Budget(c Cost) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.capacity.Budget = c
}

// Change notes that a session takes another cost than it was let in with; Leave it with that.
func (a *Admission) Change(from, to Cost) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken = a.taken.minus(from).plus(to)
}

// MoveUp changes a session's cost to a greater one where that leaves a place for somebody with the cost that it had. Where the
// capacity counts sessions nobody else is thought of. What it borrows becomes greater with that, from lent to then, and must be left
// too.
func (a *Admission) MoveUp(from, to, lent, then Cost) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	after := a.taken.minus(from).plus(to)
	next := after
	if a.capacity.Sessions == 0 {
		next = after.plus(from)
	}
	owed := a.lent.minus(lent).plus(then)
	if !next.in(a.capacity.Budget) || then != lent && !after.plus(owed).in(a.capacity.Budget) {
		return false
	}
	a.taken, a.lent = after, owed
	return true
}

// Borrow takes so much beyond a session's place, where that is left. It is nobody's own: for Enter, MoveUp and Free it is as if it were
// not there, and where Overdrawn tells that somebody needs it, whoever has it gives it back with Owe.
func (a *Admission) Borrow(c Cost) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.taken.plus(a.lent).plus(c).in(a.capacity.Budget) {
		return false
	}
	a.lent = a.lent.plus(c)
	return true
}

// Owe notes that something else is borrowed than was.
func (a *Admission) Owe(from, to Cost) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lent = a.lent.minus(from).plus(to)
}

// Overdrawn tells whether there is less than what is taken and borrowed together.
func (a *Admission) Overdrawn() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lent != Cost{} && !a.taken.plus(a.lent).in(a.capacity.Budget)
}

// Leave gives a place back.
func (a *Admission) Leave(c Cost) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inside--
	a.taken = a.taken.minus(c)
}
