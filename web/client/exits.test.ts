import assert from "node:assert/strict";
import { test } from "node:test";
import { type Exit, exitFigures, exitState, getExits, isExit, kindOf, startExit } from "./exits";

const live: Exit = { id: "1", url: "rtmp://host/app", configured: false, state: "live", message: "", bytes: 1000 };

test("whether it is connected, in a sentence", () => {
  assert.equal(exitState(live), "Connected.");
  assert.equal(exitState({ ...live, state: "waiting", message: "the server refused the key" }), "The server refused the key.");
  assert.match(exitState({ ...live, state: "waiting" }), /tries again/);
  assert.equal(exitState({ ...live, state: "ended" }), "Ended.");
});

test("its rate and what it adds, as far as they are known", () => {
  assert.equal(exitFigures(live), "");
  assert.equal(exitFigures({ ...live, bytes: 251_000 }, live, 2), "1000 kbit/s");
  assert.equal(exitFigures({ ...live, bytes: 251_000, added_ms: 12.4 }, live, 2), "1000 kbit/s, 12 ms added");
  assert.equal(exitFigures({ ...live, added_ms: 0 }), "0 ms added");
  assert.equal(exitFigures({ ...live, bytes: 10 }, live, 2), "", "one that began anew has no rate yet");
  assert.equal(exitFigures({ ...live, state: "waiting", added_ms: 12 }, live, 2), "");
});

test("the address says which card it belongs to", () => {
  const kinds = ["rtmps://h/app", "srt://h:1", "https://h/whip", "livekit://h/room", "file:a.mp4"].map(kindOf);
  assert.deepEqual(kinds, ["rtmp", "srt", "whip", "livekit", "file"]);
});

test("only what is an exit passes for one", () => {
  assert.ok(isExit(live));
  for (const wrong of [{ ...live, state: "odd" }, { ...live, bytes: "1" }, { ...live, added_ms: "5" }, { id: "1" }, null]) assert.ok(!isExit(wrong));
});

test("the secret goes in the body, never in the address", async (t) => {
  const asked: { path: string; body: unknown }[] = [];
  t.mock.method(globalThis, "fetch", (path: string, init?: RequestInit) => {
    asked.push({ path, body: init?.body });
    return Promise.resolve(new Response(init?.method === "POST" ? JSON.stringify({ exit: live }) : JSON.stringify({ exits: [live] })));
  });
  assert.deepEqual(await getExits("ann"), [live]);
  assert.deepEqual(await startExit("ann", "rtmp://host/app", "key"), live);
  assert.deepEqual(asked.map(({ path }) => path), ["api/sessions/ann/exits", "api/sessions/ann/exits"]);
  assert.equal(asked[1]?.body, '{"url":"rtmp://host/app","token":"key"}');
});
