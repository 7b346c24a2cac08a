// Package egress is what leaves through a network path that may be weak: Path numbers packets and knows what the path carries, Resender sends
// lost ones again within bounds and paces large frames, Gate stops frames while too much waits, Repeater repeats the data channels'
// datagrams where packets are lost. Each connection has one of each. Package congestion decides about the rate.
package egress

// packetSize is the payload of a full packet, in bytes.
const packetSize = 1156
