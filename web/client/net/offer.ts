/** Offers as browsers make them, with one wish more. */

/** Makes an offer that asks for the round trip, and sets it as the connection's own; returns what the other side is to get. */
export async function offerOf(pc: RTCPeerConnection, iceRestart = false): Promise<string> {
  const { sdp = "" } = await pc.createOffer({ iceRestart });
  return setOffer(pc, withRoundTrip(sdp), sdp);
}

/** Sets an offer as the connection's own, or the one that the browser made where it does not take that; returns the one that it took. */
export async function setOffer(pc: RTCPeerConnection, offer: string, plain: string): Promise<string> {
  try {
    await pc.setLocalDescription({ type: "offer", sdp: offer });
    return offer;
  } catch {
    await pc.setLocalDescription({ type: "offer", sdp: plain });
    return plain;
  }
}

/**
 * Adds a wish for the round trip to each video codec that asks anew for lost packets. Chromium can (rrtr), but does not offer
 * it; without it they wait 100 ms before they ask a second time, also where the server is near.
 */
export function withRoundTrip(sdp: string): string {
  return sdp.replace(/^a=rtcp-fb:(\d+) nack\r\n/gm, (line, codec: string) => `${line}a=rtcp-fb:${codec} rrtr\r\n`);
}
