import assert from "node:assert/strict";
import { test } from "node:test";
import { Relay, type Target } from "./relay";

const HERE: Target = { server: "http://127.0.0.1:8080/", token: "", session: "portrait-abcd" };

interface Asked {
  address: string;
  init: RequestInit;
}

/** A relay before a server that answers so; what it was asked. */
function relay(target: Target, answer: () => Response | Promise<Response>): { relay: Relay; asked: Asked[] } {
  const asked: Asked[] = [];
  const one = new Relay(() => target, async (address, init) => {
    asked.push({ address, init });
    return answer();
  });
  return { relay: one, asked };
}

const created = (): Response =>
  new Response("answer", { status: 201, headers: { "Location": "/whep/portrait-abcd/SECRET", "ETag": '"1"', "Set-Cookie": "a=b", "X-More": "no" } });
const post = { method: "POST", path: "", body: "offer", tag: "" } as const;

test("a page gets an answer and a number, neither token nor address", async () => {
  const { relay: one, asked } = relay({ ...HERE, token: "TOKEN" }, created);
  const answer = await one.request(post);
  assert.deepEqual(answer, { status: 201, headers: { ETag: '"1"', Location: "/1", "Content-Type": "text/plain;charset=UTF-8" }, body: "answer" });
  assert.equal(asked[0]?.address, "http://127.0.0.1:8080/whep/portrait-abcd?aspect=16:9");
  assert.equal(new Headers(asked[0].init.headers).get("Authorization"), "Bearer TOKEN");
  assert.equal(asked[0].init.credentials, "omit");
  assert.ok(!JSON.stringify(answer).includes("SECRET") && !JSON.stringify(answer).includes("TOKEN"));
});

test("its number is good for its own viewer, once", async () => {
  const { relay: one, asked } = relay(HERE, created);
  await one.request(post);
  await one.request({ method: "PATCH", path: "/1", body: "fragment", tag: '"1"' });
  assert.equal(asked[1]?.address, "http://127.0.0.1:8080/whep/portrait-abcd/SECRET");
  assert.equal(new Headers(asked[1].init.headers).get("If-Match"), '"1"');
  await one.request({ method: "DELETE", path: "/1", body: "", tag: "" });
  assert.equal(asked.length, 3);
  for (const request of [
    { method: "DELETE", path: "/1" }, { method: "DELETE", path: "/2" }, { method: "DELETE", path: "/whep/portrait-abcd/SECRET" },
    { method: "DELETE", path: "http://elsewhere.example/" }, { method: "POST", path: "/1" }, { method: "PATCH", path: "" },
  ] as const) {
    assert.equal((await one.request({ body: "", tag: "", ...request })).status, 404, JSON.stringify(request));
  }
  assert.equal(asked.length, 3, "and nothing else is asked of the server");
});

test("without a session it is told to wait, without a server that there is none", async () => {
  const none = relay({ ...HERE, session: "" }, created);
  assert.deepEqual([await none.relay.request(post), none.asked.length], [{ status: 409, headers: { "Retry-After": "2" }, body: "" }, 0]);
  const gone = relay(HERE, () => Promise.reject(new TypeError("refused")));
  assert.equal((await gone.relay.request(post)).status, 0);
});

test("a page that has gone leaves no viewer behind, and one that asks on and on gets no more", async () => {
  const { relay: one, asked } = relay(HERE, created);
  for (let i = 0; i < 20; i++) await one.request(post);
  assert.equal(asked.length, 8);
  one.close();
  assert.equal(asked.filter(({ init }) => init.method === "DELETE").length, 8);
});
