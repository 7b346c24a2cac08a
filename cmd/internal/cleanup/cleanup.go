// Package cleanup closes what a function opened, without losing an error.
package cleanup

import "errors"

// Close closes c and joins its error into err, for deferred use.
func Close(err *error, c interface{ Close() error }) {
	*err = errors.Join(*err, c.Close())
}
