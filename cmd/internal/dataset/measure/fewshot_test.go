package measure

import "testing"

// TestFewTeeth: what is off counts frame by frame, whatever the means are; of films each counts once.
func TestFewTeeth(t *testing.T) {
	look := func(share, luma float64) inside { return inside{share: share, luma: [3]float64{luma}} }
	var film, all fewTeeth
	film.add(look(0.5, 100), look(0.3, 120))
	film.add(look(0.1, 100), look(0.3, 120))
	film.finish()
	all.join(&film)
	all.join(&fewTeeth{Share: 0.1, TrueShare: 0.5, Off: 0.4, Luma: 60, TrueLuma: 60})
	all.finish()
	near(t, "the film's share", float64(film.Share), 0.3, 1e-6)
	near(t, "the film's share off", float64(film.Off), 0.2, 1e-6)
	near(t, "share of all", float64(all.Share), 0.2, 1e-6)
	near(t, "share off of all", float64(all.Off), 0.3, 1e-6)
	near(t, "luma of all", float64(all.Luma), 80, 1e-4)
	near(t, "true luma of all", float64(all.TrueLuma), 90, 1e-4)
}
