//go:build !linux

package cputime

import (
	"errors"
	"time"
)

// Thread is time itself: this system does not tell what a thread takes.
func Thread() time.Duration { return time.Duration(time.Now().UnixNano()) }

func giveWay() {}

// Read fails: this system does not tell.
func Read() (Machine, error) { return Machine{}, errors.ErrUnsupported }
