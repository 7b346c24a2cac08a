// Package congestion finds out how many bits a second a path carries, from when packets were sent and when the other side says
// that they arrived (transport-wide congestion control).
//
// Delay comes first. Each packet took some time on its way, on two clocks whose difference does not matter: what counts is how
// much longer it took than the fastest of the last seconds. The least of the newest packets is the queue that stands in the
// path: jitter delays most packets, but not all of them, and a queue delays every one. A queue that stands is congestion, and the rate
// goes at once below what arrives, deeper the longer the queue is, until it has drained.
//
// Loss alone is not congestion: a radio link loses packets at any rate. Up to a tenth is let pass. More lowers the rate, and if
// that does not lower the loss, the loss was none of ours and is let pass too.
package congestion
