// Package whep lets players watch a session over HTTP and WebRTC, after draft-ietf-wish-whep-03.
//
//	POST   /whep/NAME     an offer; 201 with the whole answer, and in Location the viewer's own address; 409 while idle
//	                      /whep/NAME?alpha=1&aspect=16:9 asks for another form of the picture
//	PATCH  LOCATION       more candidates, or a restart of ICE, as an SDP fragment; If-Match tells which ICE session is meant
//	DELETE LOCATION       the end
//
// A viewer is a peer without a Signaller: the answer waits until all our candidates are found. It ends by DELETE, when the
// player closes its connection, with the session, or when it is not heard any more.
//
// # Decision: no counter-offers
//
// A server may answer 406 with an offer of its own, which the player has to answer with a PATCH. We send one video track in a
// codec that every browser knows; a player that knows none of ours could not answer our offer either. It gets 422.
//
// # Decision: ICE restarts by a whole offer
//
// A player that restarts ICE sends its new credentials and candidates only. Pion restarts when an offer comes with other
// credentials, so the player's first offer is kept, and comes again with those of the fragment in their place.
package whep
