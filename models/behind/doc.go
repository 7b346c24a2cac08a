// Package behind finds out what lies behind a portrait's person: other pictures by a camera that stood still show the background where
// the head was in the portrait's. It runs once, while a persona is made; what it finds is a persona.Behind.
//
// # What a picture must be
//
// Nothing is believed of where a picture was taken. It is laid over the portrait's square, moved by at most a little, its light brought
// to the portrait's by one factor for each channel, and then all that both show as background has to agree: on both sides of the head, on
// enough pixels, and in fine detail where there is any. Everything else (another room, a camera that was moved or turned) is refused. Two
// plain walls of one colour cannot be told apart, and need not be.
//
// # What is taken of it
//
// Pixels that are clear of the person, by the matte, softly, with a margin, and by where a head must be around a face; and that lie
// where what both show agrees nearby, so that somebody who walks by is not taken for the wall. What remains between the light of two
// pictures is smooth, and taken out smoothly. Of all pictures that show a pixel most have to agree, which gives their mean; where they do
// not, nothing is known.
package behind
