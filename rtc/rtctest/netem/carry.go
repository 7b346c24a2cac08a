package netem

import (
	"container/heap"
	"fmt"
	"io"
	"sync"
	"time"
)

// maxPacket is more than any packet of a device that has the usual MTU, in bytes.
const maxPacket = 2048

// carried is a packet on its way.
type carried struct {
	at   time.Time
	turn uint64 // of two that arrive at once the one that was sent first comes first
	data []byte
}

// way holds packets in the order of their arrival.
type way []carried

func (w way) Len() int      { return len(w) }
func (w way) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w way) Less(i, j int) bool {
	return w[i].at.Before(w[j].at) || w[i].at.Equal(w[j].at) && w[i].turn < w[j].turn
}
func (w *way) Push(x any) { *w = append(*w, x.(carried)) } //nolint:forcetypeassert // of heap.Push below
func (w *way) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// Carry takes packets from one device to another as the link lets it, one Read a packet, until from ends. It fails as the
// devices do; a packet that to refuses is lost.
func Carry(l *Link, from io.Reader, to io.Writer) error {
	var mu sync.Mutex // guards under
	var under way
	wake, done := make(chan struct{}, 1), make(chan struct{})
	var delivering sync.WaitGroup
	delivering.Go(func() { deliver(&mu, &under, to, wake, done) })
	defer delivering.Wait()
	defer close(done)
	buf := make([]byte, maxPacket)
	for turn := uint64(0); ; turn++ {
		n, err := from.Read(buf)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("netem: reading packets: %w", err)
		}
		at, ok := l.Send(n, time.Now())
		if !ok {
			continue
		}
		mu.Lock()
		heap.Push(&under, carried{at, turn, append([]byte(nil), buf[:n]...)})
		mu.Unlock()
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// deliver writes packets when their time has come, until done is closed.
func deliver(mu *sync.Mutex, under *way, to io.Writer, wake, done <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := time.Hour
		for {
			mu.Lock()
			if len(*under) == 0 {
				mu.Unlock()
				break
			}
			if wait = time.Until((*under)[0].at); wait > 0 {
				mu.Unlock()
				break
			}
			p := heap.Pop(under).(carried) //nolint:forcetypeassert // of way
			mu.Unlock()
			_, _ = to.Write(p.data) // a device that is full loses it
		}
		timer.Reset(wait)
		select {
		case <-done:
			return
		case <-wake:
		case <-timer.C:
		}
	}
}
