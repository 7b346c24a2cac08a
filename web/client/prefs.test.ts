import assert from "node:assert/strict";
import { test } from "node:test";
import { makeName, parsePrefs } from "./prefs";

const fresh = parsePrefs("");

test("what was stored comes back", () => {
  const stored = {
    ...fresh, mirror: false, strength: { head: 0.5, mouth: 2, eyes: 0, brows: 1 }, background: { mode: "color", color: "#102030" },
    learned: false, smooth: true, name: "ann-2", persona: "mona-lisa", codec: "h264", camera: "abc",
  };
  assert.deepEqual(parsePrefs(JSON.stringify(stored)), stored);
});

test("nothing, nonsense and fields of another kind become defaults", () => {
  for (const text of ["{", "null", "[]", "7", '{"unknown":1}']) assert.deepEqual(parsePrefs(text), fresh);
  const wrong = { mirror: "yes", strength: 3, background: "blur", persona: null, codec: "av1", smooth: 60, shortcuts: 1, camera: {} };
  assert.deepEqual(parsePrefs(JSON.stringify({ ...wrong, selfView: false })), { ...fresh, selfView: false });
  assert.deepEqual(parsePrefs('{"strength":{"mouth":"wide"}}'), fresh);
});

test("a strength that an older page did not know has its default", () => {
  assert.deepEqual(parsePrefs('{"strength":{"mouth":0.2}}').strength, { ...fresh.strength, mouth: 0.2 });
});

test("that there is a backdrop is remembered, its place on a server is not: that keeps it only for a while", () => {
  assert.deepEqual(parsePrefs('{"background":{"mode":"image","image":"x"}}').background, { mode: "image" });
});

test("defaults belong to nobody", () => {
  parsePrefs("").strength.head = 0;
  assert.equal(parsePrefs("").strength.head, 1);
});

test("a name is made up, and one that no server would take is none", () => {
  assert.equal(makeName(() => 0.999), "portrait-9999");
  const name = makeName();
  assert.equal(parsePrefs(JSON.stringify({ name })).name, name);
  for (const bad of ["Ann", "-ann", "", "a b", "a".repeat(65), 7]) assert.equal(parsePrefs(JSON.stringify({ name: bad })).name, "");
});
