package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// insideMean is what a picture shows between the lips, in the mean over a film's frames of a class.
type insideMean struct {
	Teeth  stats.Score `json:"teeth"`  // share of tooth-bright pixels
	Top    stats.Score `json:"top"`    // of these, millimetres below the upper lip
	Bottom stats.Score `json:"bottom"` // likewise
	Luma   stats.Score `json:"luma"`
	Low    stats.Score `json:"luma_10"`
	High   stats.Score `json:"luma_90"`
}

// insideSum adds up.
type insideSum [6]stats.Mean

func (s *insideSum) add(in *inside) {
	s[0].Add(in.share)
	if in.edges {
		s[1].Add(in.top)
		s[2].Add(in.bottom)
	}
	for k, v := range in.luma {
		s[3+k].Add(v)
	}
}

func (s *insideSum) mean() insideMean {
	return insideMean{s[0].Score(), s[1].Score(), s[2].Score(), s[3].Score(), s[4].Score(), s[5].Score()}
}

// classMean is a film's frames of one class: what the truth and each picture show between the lips.
type classMean struct {
	Class    string                `json:"class"`
	Samples  int                   `json:"samples"`
	Pictures map[string]insideMean `json:"pictures"` // and "truth"

	sums [picCount + 1]insideSum
}

// film is one clip, or all photographs of a kind. L1 is that of open mouths, beside the box that of all.
type film struct {
	Film    string                            `json:"film"`
	Samples int                               `json:"samples"` // open mouths
	L1      map[string]map[string]stats.Score `json:"l1"`      // by area and picture
	Classes []*classMean                      `json:"classes"`

	l1      [areaCount][picCount]stats.Mean
	classes [classCount]classMean
}

// filmAreas are the areas by which films are compared.
func filmAreas() []int { return []int{areaInner, areaBox, areaAround, areaRest} }

// addFilm counts a sample for its film.
func (t *Report) addFilm(m *measured) {
	i := slices.IndexFunc(t.Films, func(f *film) bool { return f.Film == m.film })
	if i < 0 {
		i = len(t.Films)
		t.Films = append(t.Films, &film{Film: m.film})
	}
	f := t.Films[i]
	if m.open {
		f.Samples++
	}
	for _, a := range filmAreas() {
		for p := range f.l1[a] {
			if m.there[a] && (m.open || a == areaRest) {
				f.l1[a][p].Add(m.figures[a][p].l1)
			}
		}
	}
	if m.there[areaInner] {
		c := &f.classes[m.class]
		c.Samples++
		for p := range m.inside {
			c.sums[p].add(&m.inside[p])
		}
	}
}

func (f *film) finish() {
	names := insideNames()
	f.L1 = map[string]map[string]stats.Score{}
	for _, a := range filmAreas() {
		of := map[string]stats.Score{}
		for p, name := range pictureNames() {
			of[name] = f.l1[a][p].Score()
		}
		f.L1[areaNames()[a]] = of
	}
	for k := range f.classes {
		c := &f.classes[k]
		if c.Samples == 0 {
			continue
		}
		c.Class, c.Pictures = classNames()[k], map[string]insideMean{}
		for p := range c.sums {
			c.Pictures[names[p]] = c.sums[p].mean()
		}
		f.Classes = append(f.Classes, c)
	}
}

func insideNames() []string {
	names := pictureNames()
	return append(names[:], "truth")
}

// Against is an earlier report of the same films, to compare with.
type Against struct {
	Films []struct {
		Film string                         `json:"film"`
		L1   map[string]map[string]*float64 `json:"l1"`
	} `json:"films"`
}

// ReadAgainst reads the JSON of an earlier report.
func ReadAgainst(b []byte) (*Against, error) {
	var a Against
	if err := json.Unmarshal(b, &a); err != nil {
		return nil, fmt.Errorf("this is no report of measured films: %w", err)
	}
	return &a, nil
}

// l1 is what the earlier report says of a film; unknown where it says nothing.
func (a *Against) l1(name, area, picture string) stats.Score {
	for i := range a.Films {
		if v := a.Films[i].L1[area][picture]; a.Films[i].Film == name && v != nil {
			return stats.Score(*v)
		}
	}
	return stats.Unknown()
}

// change is how much an area's L1 rises over films, a fraction: the median, and the worst film.
type change struct {
	median, worst float64
	film          string
	films         int
}

// changes compares a picture with what of says of each film.
func (t *Report) changes(area int, picture string, of func(f *film) stats.Score) change {
	c := change{worst: math.Inf(-1)}
	var all []float64
	for _, f := range t.Films {
		now, then := f.L1[areaNames()[area]][picture], of(f)
		if !now.Known() || !then.Known() || then <= 0 {
			continue
		}
		d := float64(now/then) - 1
		all = append(all, d)
		if d > c.worst {
			c.worst, c.film = d, f.Film
		}
	}
	c.films, c.median = len(all), median(all)
	return c
}

// median is NaN of nothing.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// PrintFilms writes what lies between the lips, class by class and film by film, and compares with an earlier report if there is one.
func (t *Report) PrintFilms(w io.Writer, earlier *Against) error {
	fmt.Fprint(w, "\nbetween the lips (medians over films; off: median distance from the truth of a film, share: relative)\n")
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tfilms\t\tteeth\toff\tworst film\ttop mm\tbottom mm\tluma\toff\tworst film\t10 %\t90 %\t")
	for k := range classCount {
		for p, name := range insideNames() {
			if p != picStill {
				t.classRow(table, k, name)
			}
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nL1 of open mouths, film by film")
	table = tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tn\tbetween: still\tgeom.\tlearned\tbox: geom.\tlearned\taround: geom.\tlearned\t")
	for _, f := range t.Films {
		of := func(a int, p string) string { return f.L1[areaNames()[a]][p].Text("-") }
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", f.Film, f.Samples, of(areaInner, "still"), of(areaInner, "geometric"),
			of(areaInner, "learned"), of(areaBox, "geometric"), of(areaBox, "learned"), of(areaAround, "geometric"), of(areaAround, "learned"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, a := range filmAreas() {
		area := areaNames()[a]
		t.printChange(w, area+": learned against geometric", t.changes(a, "learned", func(f *film) stats.Score { return f.L1[area]["geometric"] }))
		if earlier != nil {
			t.printChange(w, area+": geometric against the earlier geometric", t.changes(a, "geometric", func(f *film) stats.Score { return earlier.l1(f.Film, area, "geometric") }))
			t.printChange(w, area+": learned against the earlier geometric", t.changes(a, "learned", func(f *film) stats.Score { return earlier.l1(f.Film, area, "geometric") }))
		}
	}
	return nil
}

func (t *Report) printChange(w io.Writer, what string, c change) {
	if c.films > 0 {
		fmt.Fprintf(w, "%s: L1 %+.1f %% (median of %d films), worst %s %+.1f %%\n", what, 100*c.median, c.films, c.film, 100*c.worst)
	}
}

// classRow is one picture's line of a class.
func (t *Report) classRow(w io.Writer, class int, picture string) {
	var columns [6][]float64
	var off [2][]float64 // of teeth, of luma
	var worst [2]float64
	var names [2]string
	for _, f := range t.Films {
		c := &f.classes[class]
		if c.Samples == 0 {
			continue
		}
		now, truth := c.Pictures[picture], c.Pictures["truth"]
		for k, v := range []stats.Score{now.Teeth, now.Top, now.Bottom, now.Luma, now.Low, now.High} {
			if v.Known() {
				columns[k] = append(columns[k], float64(v))
			}
		}
		for k, d := range []float64{float64(now.Teeth-truth.Teeth) / max(float64(truth.Teeth), leastTeeth), float64(now.Luma - truth.Luma)} {
			off[k] = append(off[k], math.Abs(d))
			if math.Abs(d) >= math.Abs(worst[k]) {
				worst[k], names[k] = d, f.Film
			}
		}
	}
	n := len(off[0])
	if n == 0 {
		return
	}
	m := func(k int) float64 { return median(columns[k]) }
	offs, bad := [2]string{"", ""}, [2]string{"", ""}
	if picture != "truth" {
		offs = [2]string{fmt.Sprintf("%.0f %%", 100*median(off[0])), fmt.Sprintf("%.0f", median(off[1]))}
		bad = [2]string{fmt.Sprintf("%s %+.0f %%", names[0], 100*worst[0]), fmt.Sprintf("%s %+.0f", names[1], worst[1])}
	}
	fmt.Fprintf(w, "%s\t%d\t%s\t%.2f\t%s\t%s\t%.1f\t%.1f\t%.0f\t%s\t%s\t%.0f\t%.0f\t\n", classNames()[class], n, picture, m(0), offs[0], bad[0],
		m(1), m(2), m(3), offs[1], bad[1], m(4), m(5))
}

// leastTeeth is the share of teeth below which a film's distance from it is not taken relative to itself.
const leastTeeth = 0.1
