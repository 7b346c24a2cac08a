import assert from "node:assert/strict";
import { test } from "node:test";
import { getConfig, getPersonas, parseUploadLine, problemOf } from "./api";
import { Problem } from "./common/problem";

const mona = { id: "mona-lisa", name: "Mona Lisa", credit: "…", warnings: [], builtin: true };

/** Lets every request be answered so. */
function answering(t: { mock: { method: typeof test.mock.method } }, body: string, status = 200): void {
  t.mock.method(globalThis, "fetch", () => Promise.resolve(new Response(body, { status })));
}

test("personas are read", async (t) => {
  answering(t, JSON.stringify({ personas: [mona] }));
  assert.deepEqual(await getPersonas(), [mona]);
});

test("an answer that is no JSON, or not what was asked for, is a problem that says what to do", async (t) => {
  for (const body of ["<html>", "", "null", '{"personas":{}}', '{"personas":[{"id":"x"}]}']) {
    answering(t, body);
    const named = (error: unknown): boolean => error instanceof Problem && error.code === "strange_answer" && error.message.includes("reload");
    await assert.rejects(getPersonas(), named, body);
    await assert.rejects(getConfig(), named, body);
  }
});

test("the server's own words for what went wrong, or ours", async (t) => {
  answering(t, '{"error":{"code":"full","message":"The gallery is full."}}', 507);
  await assert.rejects(getPersonas(), { code: "full", message: "The gallery is full." });
  for (const body of ["<html>Bad gateway</html>", "", '{"error":"x"}', '{"error":{"code":7}}', "null"]) {
    assert.deepEqual([problemOf(502, body).code, problemOf(502, body).message.includes("502")], ["http", true]);
  }
  assert.match(problemOf(0, "").message, /cannot be reached/);
});

test("lines of an upload's answer", () => {
  for (const line of [{ progress: 0.4, step: "Finding the face" }, { persona: mona, warnings: [] }, { error: { code: "x", message: "y" } }]) {
    assert.deepEqual(parseUploadLine(JSON.stringify(line)), line);
  }
  for (const line of ["", "{", "null", '{"progress":"half"}', '{"persona":{"id":"x"}}', '{"error":"no"}']) assert.equal(parseUploadLine(line), null);
});
