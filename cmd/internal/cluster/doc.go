// Package cluster has several servers, nodes, know of each other over NATS, so that any of them can send a visitor to the one with most
// room.
//
// # Decisions
//
// Each node writes one entry of a JetStream KV bucket every two seconds, and once more soon after a session came or went; the bucket
// forgets what is not written again. Every node watches the bucket and keeps what it reads in memory: to send a visitor on asks
// nobody. An entry is believed for liveFor after it came, by the reader's own clock; what clock its writer has does not matter.
//
// NATS carries, and is not believed: whatever passes over it bears a MAC by the key that all nodes make of cluster.secret, with the
// name under which it was written. An entry that is written again later is older than what is known, and is passed over. Where NATS
// is gone, nodes go on with whom they have, and send nobody elsewhere until it is back.
//
// A node that sends a visitor on gives a ticket with it: what the visitor may do, for one node and a few minutes, by that node's own
// clock, signed. It names the token that let the visitor in, and is good only while the other node knows that token, so that one
// that is revoked ends what it let in everywhere. Hence all nodes know all tokens (their hashes): a second bucket holds them, each
// with the node whose file it stands in. A token that was revoked stays there as deleted, so that a file that still has it loses it.
package cluster
