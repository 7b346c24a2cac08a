package measure

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// Pictures that are measured against the truth.
const (
	picStill = iota // the portrait as it is
	picGeometric
	picLearned // the geometric picture after the learned layer
	picCount
)

func pictureNames() [picCount]string { return [picCount]string{"still", "geometric", "learned"} }

// Kinds of samples, in the order of the table.
const (
	kindSmiles = "smiles"   // of a pair of stills the neutral one is the portrait, the smile the truth
	kindCalm   = "neutrals" // the other way round
	kindClosed = "closed"   // the portrait is the smile itself, its mouth shut by the geometric layer
	kindTalk   = "talk"
	kindHeads  = "heads"
)

func kindNames() []string { return []string{kindSmiles, kindCalm, kindClosed, kindTalk, kindHeads} }

// openFrom is the gap between the lips from which a mouth counts as open, eye distances; report.py has it too.
const openFrom = 0.05

// measured is one sample: each picture against the truth in each area.
type measured struct {
	kind, person string
	film         string
	class        int
	inside       [picCount + 1]inside // of the pictures and the truth
	open         bool
	there        [areaCount]bool // what is not there has no figures
	figures      [areaCount][picCount]figures
	energy       [areaCount]float64 // of the truth
	follows      bool               // on the frame before, so that flicker is known
	flicker      [areaCount][picCount]float64
	like         []resemblance
}

// resemblance is how similar the person in a picture is to the one in the true frame, or in the portrait.
type resemblance struct {
	to, picture int
	value       float64
}

// What a resemblance is to.
const (
	toTrue = iota
	toPortrait
	toCount
)

// group is the mean of some samples.
type group struct {
	Kind     string     `json:"kind"`
	Mouths   string     `json:"mouths"` // all, open
	Samples  int        `json:"samples"`
	People   []string   `json:"people"`
	Areas    []areaMean `json:"areas"`
	Identity struct {
		ToTrue     map[string]stats.Score `json:"to_true"`
		ToPortrait map[string]stats.Score `json:"to_portrait"`
	} `json:"identity"`

	like [toCount][picCount]stats.Mean
}

// areaMean is the mean over the samples in which the area is there.
type areaMean struct {
	Area     string                 `json:"area"`
	Samples  int                    `json:"samples"`
	Pairs    int                    `json:"pairs"` // of neighbouring frames
	Pictures map[string]pictureMean `json:"pictures"`
	Cut      stats.Score            `json:"l1_cut"` // share of the geometric layer's L1 that the learned one takes away
	Worse    stats.Score            `json:"worse"`  // share of the samples in which it adds to it

	sums   [picCount]struct{ l1, psnr, ssim, energy, flicker stats.Mean }
	energy stats.Mean
	worse  stats.Mean
}

// pictureMean is one line of figures. Sharpness is the gradient energy over the truth's.
type pictureMean struct {
	L1        stats.Score `json:"l1"`
	PSNR      stats.Score `json:"psnr"`
	SSIM      stats.Score `json:"ssim"`
	Sharpness stats.Score `json:"sharpness"`
	Flicker   stats.Score `json:"flicker"`
}

func newGroup(kind, mouths string) *group {
	g := &group{Kind: kind, Mouths: mouths}
	for _, name := range areaNames() {
		g.Areas = append(g.Areas, areaMean{Area: name})
	}
	return g
}

func (g *group) add(m *measured) {
	g.Samples++
	if !slices.Contains(g.People, m.person) {
		g.People = append(g.People, m.person)
	}
	for k := range g.Areas {
		if m.there[k] {
			g.Areas[k].add(m, k)
		}
	}
	for _, r := range m.like {
		g.like[r.to][r.picture].Add(r.value)
	}
}

func (a *areaMean) add(m *measured, k int) {
	a.Samples++
	a.energy.Add(m.energy[k])
	for p := range a.sums {
		s, f := &a.sums[p], &m.figures[k][p]
		s.l1.Add(f.l1)
		s.psnr.Add(f.psnr)
		s.ssim.Add(f.ssim)
		s.energy.Add(f.energy)
		if m.follows {
			s.flicker.Add(m.flicker[k][p])
		}
	}
	if m.follows {
		a.Pairs++
	}
	worse := 0.0
	if m.figures[k][picLearned].l1 > m.figures[k][picGeometric].l1 {
		worse = 1
	}
	a.worse.Add(worse)
}

// finish works the means out.
func (g *group) finish() {
	slices.Sort(g.People)
	for k := range g.Areas {
		g.Areas[k].finish()
	}
	for k, to := range []*map[string]stats.Score{&g.Identity.ToTrue, &g.Identity.ToPortrait} {
		*to = map[string]stats.Score{}
		for p, name := range pictureNames() {
			(*to)[name] = g.like[k][p].Score()
		}
	}
}

func (a *areaMean) finish() {
	a.Pictures = map[string]pictureMean{}
	for p, name := range pictureNames() {
		s := &a.sums[p]
		a.Pictures[name] = pictureMean{
			L1: s.l1.Score(), PSNR: s.psnr.Score(), SSIM: s.ssim.Score(),
			Sharpness: s.energy.Score() / max(a.energy.Score(), 1e-9), Flicker: s.flicker.Score(),
		}
	}
	a.Worse = a.worse.Score()
	a.Cut = 1 - a.sums[picLearned].l1.Score()/a.sums[picGeometric].l1.Score()
}

// Report is everything that was measured, and its report.
type Report struct {
	Generator string   `json:"generator"`
	Device    string   `json:"device"`
	Size      int      `json:"size"` // edge of the pictures, pixels
	Seed      uint64   `json:"seed"`
	Groups    []*group `json:"groups"`
	Films     []*film  `json:"films"`
	LeftOut   []string `json:"left_out"` // scenes that could not be measured, and why
	Faults    int      `json:"faults"`   // regions that stayed geometric because the network gave nothing usable

	met  map[string]bool // people
	note string          // what identities mean
}

// meet tells whether a person comes for the first time.
func (t *Report) meet(person string) bool {
	if t.met[person] {
		return false
	}
	if t.met == nil {
		t.met = map[string]bool{}
	}
	t.met[person] = true
	return true
}

// add counts a sample among all of its kind, and among those with an open mouth.
func (t *Report) add(m *measured) {
	t.addFilm(m)
	t.group(m.kind, "all").add(m)
	if m.open {
		t.group(m.kind, "open").add(m)
	}
}

func (t *Report) group(kind, mouths string) *group {
	for _, g := range t.Groups {
		if g.Kind == kind && g.Mouths == mouths {
			return g
		}
	}
	g := newGroup(kind, mouths)
	t.Groups = append(t.Groups, g)
	return g
}

// finish works the means out and puts the groups in order.
func (t *Report) finish() {
	order := kindNames()
	slices.SortFunc(t.Groups, func(a, b *group) int {
		if d := slices.Index(order, a.Kind) - slices.Index(order, b.Kind); d != 0 {
			return d
		}
		return strings.Compare(a.Mouths, b.Mouths)
	})
	for _, g := range t.Groups {
		g.finish()
	}
	for _, f := range t.Films {
		f.finish()
	}
}

// Print writes a table for each group: n samples; three numbers in a row are those of still portrait, geometric and
// learned layer.
func (t *Report) Print(w io.Writer) error {
	for _, g := range t.Groups {
		fmt.Fprintf(w, "\n%s, %s (samples: %d, people: %d)\n", g.Kind, map[string]string{"all": "all mouths", "open": "open mouths"}[g.Mouths], g.Samples, len(g.People))
		table := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "\tn\tL1: still\tgeom.\tlearned\tcut\tworse\tPSNR\t\t\tSSIM\t\t\tsharpness\t\t\tflicker\t\t\t")
		for k := range g.Areas {
			if a := &g.Areas[k]; a.Samples > 0 {
				fmt.Fprintf(table, "%s\t%d\t%s\n", a.Area, a.Samples, a.row())
			}
		}
		if err := table.Flush(); err != nil {
			return err
		}
		if l := &g.like; l[toTrue][picLearned].Count > 0 {
			fmt.Fprintf(w, "identity: to the true frame still %.3f, geometric %.3f, learned %.3f; to the portrait geometric %.3f, learned %.3f (%d samples)\n",
				l[toTrue][picStill].Score(), l[toTrue][picGeometric].Score(), l[toTrue][picLearned].Score(),
				l[toPortrait][picGeometric].Score(), l[toPortrait][picLearned].Score(), l[toTrue][picLearned].Count)
		}
	}
	_, err := fmt.Fprintln(w, "\n"+t.note)
	return err
}

// row is an area's line of the table, without its name.
func (a *areaMean) row() string {
	var b strings.Builder
	put := func(format string, of func(*pictureMean) stats.Score) {
		for _, name := range pictureNames() {
			p := a.Pictures[name]
			if v := of(&p); v.Known() {
				fmt.Fprintf(&b, format+"\t", float64(v))
			} else {
				b.WriteString("-\t")
			}
		}
	}
	put("%.4f", func(p *pictureMean) stats.Score { return p.L1 })
	fmt.Fprintf(&b, "%.1f %%\t%.0f %%\t", 100*a.Cut, 100*a.Worse)
	put("%.2f", func(p *pictureMean) stats.Score { return p.PSNR })
	put("%.3f", func(p *pictureMean) stats.Score { return p.SSIM })
	put("%.2f", func(p *pictureMean) stats.Score { return p.Sharpness })
	put("%.4f", func(p *pictureMean) stats.Score { return p.Flicker })
	return b.String()
}
