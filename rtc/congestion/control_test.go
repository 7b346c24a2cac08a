package congestion

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/rtc/rtctest/netem"
)

// path is a sender that does as it is told, 30 frames a second, over a bad link to a browser that reports every 50 to 100 ms.
type path struct {
	*Control
	down, up *netem.Link
	now      time.Time
	start    time.Time
	rng      *rand.Rand
	useOf    float64 // of the rate

	seq, told uint16
	at        map[uint16]time.Time // when packets that were not lost come to the other side
	frame     time.Time
	report    time.Time
	coming    []reported
	delays    []time.Duration // of packets that arrived
	got       int             // bytes
}

type reported struct {
	at       time.Time
	received map[uint16]time.Time
	from, to uint16
}

func newPath(down string) *path {
	p := &path{
		Control: New(Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000}), useOf: 1,
		down: netem.NewLink(netem.Conditions{}, 1), up: netem.NewLink(netem.Conditions{Delay: 20 * time.Millisecond}, 2),
		now: time.Unix(1000, 0), rng: rand.New(rand.NewPCG(3, 4)), at: map[uint16]time.Time{},
	}
	p.start = p.now
	p.change("delay=20 queue=64000 " + down)
	return p
}

func (p *path) change(down string) {
	c, err := p.down.Conditions().With(down)
	if err != nil {
		panic(err)
	}
	p.down.Change(c)
}

// run lets time pass; it gives the rate that arrived, bit/s, and the delay that one packet in twenty exceeded.
func (p *path) run(long time.Duration) (bps int, p95 time.Duration) {
	p.delays, p.got = p.delays[:0], 0
	for end := p.now.Add(long); p.now.Before(end); p.now = p.now.Add(time.Millisecond) {
		if !p.now.Before(p.frame) {
			p.send()
			p.frame = p.now.Add(33 * time.Millisecond)
		}
		if !p.now.Before(p.report) {
			p.write()
			p.report = p.now.Add(time.Duration(50+p.rng.IntN(50)) * time.Millisecond)
			p.Tick(p.now)
		}
		for len(p.coming) > 0 && !p.now.Before(p.coming[0].at) {
			p.hear(p.coming[0])
			p.coming = p.coming[1:]
		}
	}
	return int(float64(p.got) * 8 / long.Seconds()), percentile(p.delays)
}

func percentile(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	for i := 1; i < len(d); i++ { // few enough
		for j := i; j > 0 && d[j] < d[j-1]; j-- {
			d[j], d[j-1] = d[j-1], d[j]
		}
	}
	return d[len(d)*95/100]
}

func (p *path) send() {
	bytes := int(float64(p.Rate()) * p.useOf / 30 / 8 * (0.7 + 0.6*p.rng.Float64()))
	if p.seq == 0 { // a keyframe
		bytes *= 5
	}
	for bytes > 0 {
		n := min(bytes, 1200)
		bytes -= n
		p.Sent(p.seq, n, p.now)
		if at, ok := p.down.Send(n, p.now); ok {
			p.at[p.seq] = at
			p.delays = append(p.delays, at.Sub(p.now))
			p.got += n
		}
		p.seq++
	}
}

// write is the other side's: all that came since the last report, and what lies between.
func (p *path) write() {
	r := reported{received: map[uint16]time.Time{}}
	for seq, at := range p.at {
		if !at.After(p.now) {
			r.received[seq] = at
			delete(p.at, seq)
		}
	}
	if len(r.received) == 0 {
		return
	}
	r.from, r.to = p.told, p.told
	for seq := range r.received {
		if int16(seq-r.from) < 0 {
			r.from = seq
		}
		if int16(seq-r.to) > 0 {
			r.to = seq
		}
	}
	p.told = r.to + 1
	if at, ok := p.up.Send(100, p.now); ok {
		r.at = at
		p.coming = append(p.coming, r)
	}
}

func (p *path) hear(r reported) {
	for seq := r.from; seq != r.to+1; seq++ {
		if at, ok := r.received[seq]; ok {
			p.Arrived(seq, at.Sub(p.start)+time.Hour)
		} else {
			p.Missing(seq)
		}
	}
	p.Update(p.now)
}

func TestASlowLinkFromTheStart(t *testing.T) {
	for _, c := range []struct {
		link  string
		least int
	}{{"rate=300000", 210_000}, {"rate=600000", 420_000}, {"rate=1000000", 700_000}} {
		p := newPath(c.link)
		p.run(5 * time.Second)
		bps, p95 := p.run(20 * time.Second)
		t.Logf("%s: %d bit/s arrive, 95 %% within %v", c.link, bps, p95)
		if bps < c.least || p95 > 250*time.Millisecond {
			t.Errorf("%s: %d bit/s arrive, 95 %% within %v", c.link, bps, p95)
		}
	}
}

func TestAFastLinkIsUsedSoon(t *testing.T) {
	p := newPath("rate=20000000")
	p.run(500 * time.Millisecond)
	if p.Rate() < 1_400_000 {
		t.Errorf("%d bit/s after half a second", p.Rate())
	}
	p.run(3 * time.Second)
	if p.Rate() < 3_900_000 {
		t.Errorf("%d bit/s after three seconds more", p.Rate())
	}
}

func TestAStepDownAndUp(t *testing.T) {
	for _, c := range []struct {
		link  string
		limit int
	}{{"rate=300000", 300_000}, {"rate=600000", 600_000}, {"rate=1000000", 1_000_000}} {
		p := newPath("rate=3000000")
		before, _ := p.run(20 * time.Second)
		p.change(c.link)
		p.run(time.Second)
		if p.Rate() > c.limit {
			t.Errorf("%s: still %d bit/s after a second", c.link, p.Rate())
		}
		p.run(4 * time.Second)
		bps, p95 := p.run(15 * time.Second)
		t.Logf("%s: %d bit/s of %d arrive, 95 %% within %v", c.link, bps, before, p95)
		if bps < c.limit*7/10 || p95 > 250*time.Millisecond {
			t.Errorf("%s: %d bit/s arrive, 95 %% within %v", c.link, bps, p95)
		}
		p.change("rate=3000000")
		p.run(9 * time.Second)
		if after, _ := p.run(time.Second); after < before*8/10 {
			t.Errorf("%s: ten seconds after it %d bit/s arrive, %d did before", c.link, after, before)
		}
	}
}

func TestRandomLossIsNoCongestion(t *testing.T) {
	for _, c := range []struct {
		link  string
		least int
	}{{"loss=5", 3_000_000}, {"loss=10", 3_000_000}, {"loss=10 burst=4", 2_500_000}, {"loss=20", 1_500_000}} {
		p := newPath("rate=10000000")
		p.run(5 * time.Second)
		p.change(c.link)
		p.up.Change(netem.Conditions{Delay: 20 * time.Millisecond, Loss: 0.1})
		p.run(10 * time.Second)
		bps, _ := p.run(20 * time.Second)
		t.Logf("%s: %d bit/s arrive", c.link, bps)
		if bps < c.least {
			t.Errorf("%s: %d bit/s arrive", c.link, bps)
		}
	}
}

func TestLossForWantOfRoomIsCongestion(t *testing.T) {
	p := newPath("rate=600000 queue=3000")
	p.run(10 * time.Second)
	began := p.down.Counts()
	bps, _ := p.run(20 * time.Second)
	c := p.down.Counts()
	dropped, packets := c.Dropped-began.Dropped, c.Packets-began.Packets
	t.Logf("%d bit/s arrive, %d of %d packets are dropped", bps, dropped, packets)
	if bps < 350_000 || dropped*5 > packets {
		t.Errorf("%d bit/s arrive, %d of %d packets are dropped", bps, dropped, packets)
	}
}

func TestJitterIsNoQueue(t *testing.T) {
	for _, c := range []struct {
		link  string
		least int
	}{{"jitter=100", 3_000_000}, {"jitter=30", 3_000_000}, {"jitter=100 order=1", 250_000}} { // in order it is a queue too
		p := newPath("rate=10000000")
		p.run(5 * time.Second)
		p.change(c.link)
		p.run(5 * time.Second)
		bps, _ := p.run(20 * time.Second)
		t.Logf("%s: %d bit/s arrive", c.link, bps)
		if bps < c.least {
			t.Errorf("%s: %d bit/s arrive", c.link, bps)
		}
	}
}

func TestALongerPathIsNoQueue(t *testing.T) {
	p := newPath("rate=10000000")
	p.run(5 * time.Second)
	p.change("delay=120")
	p.run(15 * time.Second)
	if p.Rate() < 2_000_000 {
		t.Errorf("%d bit/s over a path that became longer", p.Rate())
	}
}

func TestSilenceLowersTheRate(t *testing.T) {
	p := newPath("rate=10000000")
	p.run(5 * time.Second)
	before := p.Rate()
	p.change("loss=100")
	p.run(5 * time.Second)
	if p.Rate() != before/4 {
		t.Errorf("%d bit/s into a path that is cut, %d before", p.Rate(), before)
	}
	p.change("loss=0")
	p.run(10 * time.Second)
	if p.Rate() < before*8/10 {
		t.Errorf("%d bit/s ten seconds later, %d before", p.Rate(), before)
	}
}

func TestWithoutFeedbackTheRateIsTheStart(t *testing.T) {
	p := newPath("")
	p.up.Change(netem.Conditions{Loss: 1})
	p.run(5 * time.Second)
	if p.Rate() != 1_500_000 {
		t.Errorf("%d bit/s", p.Rate())
	}
}

// A rate that is not made use of says nothing about a higher one.
func TestAnUnusedRateDoesNotGrow(t *testing.T) {
	p := newPath("rate=10000000")
	p.useOf = 0.3
	p.run(20 * time.Second)
	if p.Rate() > 1_600_000 {
		t.Errorf("%d bit/s", p.Rate())
	}
}

func TestFeedbackThatLiesDoesNoHarm(t *testing.T) {
	c := New(Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
	rng := rand.New(rand.NewPCG(1, 2))
	now := time.Unix(1000, 0)
	for i := range 20_000 {
		now = now.Add(time.Millisecond)
		c.Sent(uint16(i), 1000, now)
		c.Arrived(uint16(rng.Uint32()), time.Duration(rng.Int64()))
		c.Missing(uint16(rng.Uint32()))
		c.Update(now)
		if c.Rate() < 150_000 || c.Rate() > 4_000_000 {
			t.Fatalf("%d bit/s", c.Rate())
		}
	}
}

func TestControlAllocatesNothing(t *testing.T) {
	c := New(Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
	now, seq := time.Unix(1000, 0), uint16(0)
	if n := testing.AllocsPerRun(1000, func() {
		now = now.Add(10 * time.Millisecond)
		c.Sent(seq, 1000, now)
		c.Arrived(seq, time.Duration(seq)*10*time.Millisecond)
		c.Update(now.Add(40 * time.Millisecond))
		c.Tick(now)
		seq++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
