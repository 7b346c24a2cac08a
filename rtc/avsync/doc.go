// Package avsync says by RTCP when each packet of sound and picture is presented, all on one clock, so that a receiver can put
// them together (decision "sound stays with the picture by presentation time" in package rtc).
package avsync
