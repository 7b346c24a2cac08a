import assert from "node:assert/strict";
import { test } from "node:test";
import { type Exit, exitText, getExits, isExit, startExit } from "./exits";

const live: Exit = { id: "1", url: "rtmp://host/app", configured: false, state: "live", message: "", bytes: 1000 };

test("what an exit does, in words", () => {
  assert.equal(exitText(live), "live");
  assert.equal(exitText({ ...live, bytes: 251_000 }, live, 2), "live, 1000 kbit/s");
  assert.equal(exitText({ ...live, bytes: 10 }, live, 2), "live", "one that began anew has no rate yet");
  assert.equal(exitText({ ...live, state: "waiting", message: "The server refused the key." }), "The server refused the key.");
  assert.equal(exitText({ ...live, state: "ended" }), "ended");
});

test("only what is an exit passes for one", () => {
  assert.ok(isExit(live));
  for (const wrong of [{ ...live, state: "odd" }, { ...live, bytes: "1" }, { id: "1" }, null]) assert.ok(!isExit(wrong));
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
