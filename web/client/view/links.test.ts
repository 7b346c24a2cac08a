import assert from "node:assert/strict";
import { test } from "node:test";
import { iceServers } from "./links";

test("no header, no servers", () => {
  assert.deepEqual(iceServers(null), []);
  assert.deepEqual(iceServers("nonsense, <x>, <y>; rel=next"), []);
});

test("servers with and without credentials, and links of other kinds", () => {
  const header = '<stun:a.example:3478>; rel="ice-server", <http://b/sse>; rel="urn:ietf:params:whep:ext:core:server-sent-events", ' +
    '<turn:c.example?transport=udp>; rel="ice-server"; username="ann, the first"; credential="se\\"cret; x"; credential-type="password"';
  assert.deepEqual(iceServers(header), [
    { urls: "stun:a.example:3478" },
    { urls: "turn:c.example?transport=udp", username: "ann, the first", credential: 'se"cret; x' },
  ]);
});
