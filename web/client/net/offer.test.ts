import assert from "node:assert/strict";
import { test } from "node:test";
import { offerOf, withRoundTrip } from "./offer";

const OFFER = [
  "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtcp-fb:111 transport-cc", "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
  "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtpmap:97 rtx/90000", "",
].join("\r\n");

test("each codec that asks anew for lost packets asks for the round trip too", () => {
  assert.equal(withRoundTrip(OFFER), OFFER.replace("a=rtcp-fb:96 nack\r\n", "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 rrtr\r\n"));
  assert.equal(withRoundTrip("v=0\r\n"), "v=0\r\n");
});

test("a browser that does not take it gets its own offer back", async () => {
  const set: string[] = [];
  const pc = (takes: (sdp: string) => boolean): RTCPeerConnection => ({
    createOffer: () => Promise.resolve({ sdp: OFFER }),
    setLocalDescription: ({ sdp }: { sdp: string }) => {
      set.push(sdp);
      return takes(sdp) ? Promise.resolve() : Promise.reject(new Error("changed"));
    },
  }) as unknown as RTCPeerConnection;
  assert.equal(await offerOf(pc((sdp) => sdp === OFFER)), OFFER);
  assert.deepEqual(set, [withRoundTrip(OFFER), OFFER]);
  assert.equal(await offerOf(pc(() => true)), withRoundTrip(OFFER));
});
