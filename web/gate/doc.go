// Package gate bounds what strangers may take of the server before anything is done for them: connections, the memory of
// their uploads, processor time, and how often they may ask.
package gate
