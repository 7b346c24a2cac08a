package pipeline

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestDoor(t *testing.T) {
	ms := func(loop, cores int) Cost {
		return Cost{time.Duration(loop) * time.Millisecond, time.Duration(cores) * time.Millisecond}
	}
	both, plain := ms(9, 12), ms(3, 6)
	for name, c := range map[string]struct {
		room Room
		want []int // which cost each next session gets, -1 is refused
	}{
		"loop bounds":         {Room{Budget: ms(25, 1000)}, []int{0, 0, 1, 1, -1}},
		"cores bound":         {Room{Budget: ms(1000, 25)}, []int{0, 0, -1}},
		"number":              {Room{Sessions: 2, Budget: ms(1000, 1000)}, []int{0, 0, -1}},
		"number beyond room":  {Room{Sessions: 4, Budget: ms(12, 1000)}, []int{0, 1, 1, 1, -1}},
		"too slow for anyone": {Room{Budget: ms(1, 1)}, []int{1, -1}},
	} {
		d := NewDoor(c.room)
		var got []Cost
		for i, want := range c.want {
			k, err := d.Enter(both, plain)
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
			d.Leave(cost)
		}
		if d.inside != 0 || d.taken != (Cost{}) {
			t.Errorf("%s: %d sessions and %v are left in the books", name, d.inside, d.taken)
		}
	}
	r := NewRoom(30, 2, 0)
	if n := r.Fits(ms(10, 15)); n != 2 {
		t.Errorf("10 ms of 25 ms and 15 of 50: %d sessions fit", n)
	}
	if n := r.Fits(Cost{}); n != 256 {
		t.Errorf("what costs nothing fits %d times", n)
	}
}

func TestDoorIsSafe(t *testing.T) {
	d := NewDoor(Room{Budget: Cost{time.Millisecond * 10, time.Second}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				c := Cost{Loop: time.Millisecond * 3}
				if _, err := d.Enter(c); err == nil {
					d.mu.Lock()
					if d.taken.Loop > 10*time.Millisecond {
						t.Error("more was given away than there is")
					}
					d.mu.Unlock()
					d.Leave(c)
				}
			}
		})
	}
	wg.Wait()
}
