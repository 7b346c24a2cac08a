package pipeline

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestAdmission(t *testing.T) {
	ms := func(loop, cores int) Cost {
		return Cost{time.Duration(loop) * time.Millisecond, time.Duration(cores) * time.Millisecond}
	}
	both, plain := ms(9, 12), ms(3, 6)
	for name, c := range map[string]struct {
		room Capacity
		want []int // which cost each next session gets, -1 is refused
	}{
		"loop bounds":         {Capacity{Budget: ms(25, 1000)}, []int{0, 0, 1, 1, -1}},
		"cores bound":         {Capacity{Budget: ms(1000, 25)}, []int{0, 0, -1}},
		"number":              {Capacity{Sessions: 2, Budget: ms(1000, 1000)}, []int{0, 0, -1}},
		"number beyond room":  {Capacity{Sessions: 4, Budget: ms(12, 1000)}, []int{0, 1, 1, 1, -1}},
		"too slow for anyone": {Capacity{Budget: ms(1, 1)}, []int{1, -1}},
	} {
		a := NewAdmission(c.room)
		var got []Cost
		for i, want := range c.want {
			k, err := a.Enter(both, plain)
			if err != nil {
				k = -1
				if !errors.Is(err, ErrFull) {
					t.Errorf("%s: %v", name, err)
				}
			} else {
				got = append(got, []Cost{both, plain}[k])
			}
			if k != want {
				t.Errorf("%s: session %d got %d, want %d", name, i, k, want)
			}
		}
		for _, cost := range got {
			a.Leave(cost)
		}
		if a.inside != 0 || a.taken != (Cost{}) {
			t.Errorf("%s: %d sessions and %v are left in the books", name, a.inside, a.taken)
		}
	}
	r := NewCapacity(30, 2, 0)
	if n := r.Fits(ms(10, 15)); n != 2 {
		t.Errorf("10 ms of 25 ms and 15 of 50: %d sessions fit", n)
	}
	if n := r.Fits(Cost{}); n != 256 {
		t.Errorf("what costs nothing fits %d times", n)
	}
}

// TestWhatIsBorrowedGivesWay: it is taken from what is left only, keeps nobody out, and has to be given back once others need it.
func TestWhatIsBorrowedGivesWay(t *testing.T) {
	one, three := Cost{1, 1}, Cost{3, 3}
	a := NewAdmission(Capacity{Budget: Cost{10, 10}})
	if a.Overdrawn() {
		t.Error("nothing is borrowed")
	}
	for range 2 {
		if _, err := a.Enter(three); err != nil {
			t.Fatal(err)
		}
	}
	if a.Borrow(Cost{5, 5}) || a.Borrow(Cost{1, 5}) || !a.Borrow(three) || a.Borrow(Cost{2, 2}) || a.Overdrawn() {
		t.Error("4 were left, of which 3 were to be had")
	}
	if n := a.Free(three); n != 1 {
		t.Errorf("there is room for %d more, want 1: what is borrowed is nobody's", n)
	}
	if _, err := a.Enter(three); err != nil || !a.Overdrawn() {
		t.Errorf("%v; overdrawn %v", err, a.Overdrawn())
	}
	a.Owe(three, one)
	if a.Overdrawn() || a.Borrow(one) {
		t.Error("9 are taken and one is borrowed of 10")
	}
	a.Budget(Cost{9, 20})
	if !a.Overdrawn() {
		t.Error("9 are taken and one is borrowed of 9")
	}
	a.Owe(one, Cost{})
	a.Budget(Cost{2, 2})
	if a.Overdrawn() || a.lent != (Cost{}) {
		t.Errorf("%v is borrowed", a.lent)
	}
}

func TestAdmissionIsSafe(t *testing.T) {
	a := NewAdmission(Capacity{Budget: Cost{time.Millisecond * 10, time.Second}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				c := Cost{Loop: time.Millisecond * 3}
				if _, err := a.Enter(c); err == nil {
					a.mu.Lock()
					if a.taken.Loop > 10*time.Millisecond {
						t.Error("more was given away than there is")
					}
					a.mu.Unlock()
					a.Leave(c)
				}
			}
		})
	}
	wg.Wait()
}
