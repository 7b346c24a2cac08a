// Package voice brings packets of sound that came over a network in order, and finds out when each sounded.
package voice
