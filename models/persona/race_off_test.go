//go:build !race

package persona

// raceDetector tells that the tests run under the race detector, ten times slower.
const raceDetector = false
