package retarget

const (
	smileTime  = 30.0 // s from the start in which a neutral may turn out to have been a smile
	soberTime  = 0.4  // s for which the smile must be gone
	smileWidth = 0.04 // head units by which a resting mouth is narrower than such a neutral,
	smileLift  = 0.02 // and its corners lower,
	smileLeast = 0.8  // and how wide the neutral is at least: few closed mouths at rest are
	hurryTime  = 1.5  // s of following fast
)

// unsmile notices that a driver who began with a closed-mouth smile was taken for neutral: the shut mouth rests narrower
// and with lower corners than the neutral, which a word, a pout or a kiss does not do to both. What was gathered until then
// is made to count little, so that the present face soon outweighs it.
func (n *neutral) unsmile(f *features, shut float32, dt float64) {
	width, lift := n.gathered()
	rests := shut > 0.5 && width > smileLeast &&
		f.mouthWidth < width-smileWidth && f.lift < lift-smileLift
	if !rests || n.asked || n.age > smileTime {
		n.sober = 0
		return
	}
	if n.sober += dt; n.sober < soberTime {
		return
	}
	n.evidence = min(n.evidence, enough)
	n.width, n.lift = min(n.width, f.mouthWidth), min(n.lift, f.lift)
	n.hurry = hurryTime
}
