// Package netem makes a good network bad: it delays, loses, reorders and limits the packets of one direction, as the kernel's
// network emulator does where there is one. Link decides what happens to each packet and can be asked in any time, real or
// simulated; Carry does it to the packets of two TUN devices, between which a program and a real browser meet.
package netem
