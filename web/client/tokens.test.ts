import assert from "node:assert/strict";
import { test } from "node:test";
import { createToken, getTokens, linkOf, revokeToken, type Token, tokenText } from "./tokens";

const ann: Token = { id: "a1", scope: "drive", session: "ann", label: "Ann’s phone", expires: "2026-12-01T00:00:00Z" };

test("a link leads to the picture alone where its token is for nothing else", () => {
  const page = "https://me.local:8443/?x=1#y";
  assert.equal(linkOf({ scope: "drive", session: "ann" }, "s-_", page), "https://me.local:8443/?token=s-_");
  assert.equal(linkOf({ scope: "view", session: "ann" }, "s", page), "https://me.local:8443/view/ann?token=s");
  assert.equal(linkOf({ scope: "view" }, "s", page), "https://me.local:8443/?token=s");
});

test("what a token is for, in words", () => {
  const at = (time: string): string => tokenText(ann, Date.parse(time));
  assert.equal(at("2026-11-28T12:00:00Z"), "drive, session ann, 3 days");
  assert.equal(at("2026-11-30T12:00:00Z"), "drive, session ann, ends today");
  assert.equal(at("2026-12-01T00:00:00Z"), "drive, session ann, over");
  assert.equal(tokenText({ id: "b", scope: "drive", persona: "mona-lisa" }, 0), "drive, portrait mona-lisa");
});

test("tokens are made, listed and ended; an answer of another kind is a problem", async (t) => {
  const asked: (string | undefined)[][] = [];
  let answer = "";
  t.mock.method(globalThis, "fetch", (path: string, init?: RequestInit) => {
    asked.push([init?.method, path, init?.body as string | undefined]);
    return Promise.resolve(new Response(answer));
  });
  answer = JSON.stringify({ secret: "s", token: ann });
  assert.equal(await createToken({ scope: "view", session: "ann" }), "s");
  answer = JSON.stringify({ tokens: [ann] });
  assert.deepEqual(await getTokens(), [ann]);
  await revokeToken("a/1");
  assert.deepEqual(asked, [
    ["POST", "api/tokens", '{"scope":"view","session":"ann"}'], [undefined, "api/tokens", undefined], ["DELETE", "api/tokens/a%2F1", undefined],
  ]);
  for (answer of ['{"tokens":[{"id":"a","scope":"root"}]}', "{}", "<html>"]) await assert.rejects(getTokens(), { code: "strange_answer" }, answer);
});
