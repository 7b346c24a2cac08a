package quality

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// Print writes the report as two tables.
func (r *Report) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "portrait\tclip\tframes\trefound\tmouth\twidth\teyes\tyaw\tpitch\troll\tgaze\tmin eye\tmin lip\tbg changed\tstill px\tidentity\t")
	for i := range r.Rows {
		row := &r.Rows[i]
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t", row.Portrait, row.Clip, row.Frames, row.Refound)
		for _, m := range metrics() {
			fmt.Fprintf(w, "%s\t", m.in(row).Text("·"))
		}
		fmt.Fprintf(w, "%s\t%s\t%.4f%%\t%.2f\t%s\t\n", row.MinEye.Text("·"), row.MinLip.Text("·"), 100*row.Background, row.StillRMS, row.Identity.Text("-"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "·: no movement to follow: the driver moves by less than three times the noise of the tracker.", r.note)
	return r.printVerdicts(out)
}

// printVerdicts sums every correlation up over the rows that could be judged, and compares it with its bar.
func (r *Report) printVerdicts(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\ncorrelation\tbar\tjudged\treach it\tmedian\tminimum\tthe bar is met by\t")
	for _, m := range metrics() {
		var all []float64
		reach := 0
		for i := range r.Rows {
			if v := float64(*m.in(&r.Rows[i])); !math.IsNaN(v) {
				all = append(all, v)
				if v >= m.bar {
					reach++
				}
			}
		}
		median, least := stats.Unknown(), stats.Unknown()
		if slices.Sort(all); len(all) > 0 {
			median, least = stats.Score((all[(len(all)-1)/2]+all[len(all)/2])/2), stats.Score(all[0])
		}
		bar, count, met := fmt.Sprintf("%.2f", m.bar), strconv.Itoa(reach), "nothing"
		switch {
		case m.bar == 0:
			bar, count, met = "-", "-", "-"
		case len(all) == 0:
			met = "-"
		case float64(least) >= m.bar:
			met = "every row"
		case float64(median) >= m.bar:
			met = "the median"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t\n", m.name, bar, len(all), count, median.Text("-"), least.Text("-"), met)
	}
	return w.Flush()
}
