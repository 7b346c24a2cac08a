import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "./film/look";
import { Pool } from "./film/pool";
import { FILM_MILLIS, labelOf, promptAt, PROMPTS, unseen } from "./film/prompts";

const CALM: Look = { yaw: 0, pitch: 0, mouth: 0.02, smile: 0.6, eyes: 0.3, brows: 0.3, size: 60 };
/** What somebody looks like who does all that is asked, in its order. */
const DONE: Look[] = [{}, { smile: 0.7 }, { mouth: 0.4 }, { mouth: 0.08 }, { yaw: 0.4 }, { yaw: -0.4 }, { pitch: -0.3 }, { pitch: 0.3 }, { eyes: 0.05 }].map((but) => ({ ...CALM, ...but }));

test("prompts follow each other by the clock and end", () => {
  assert.equal(promptAt(0)?.label, "calm");
  assert.equal(promptAt(1500)?.label, "smile");
  assert.equal(promptAt(FILM_MILLIS - 1)?.label, "shut eyes");
  assert.equal(promptAt(FILM_MILLIS), null);
});

test("what was asked for and not done is named, each side and each way by itself", () => {
  const shots = DONE.map((look) => ({ label: "", look }));
  assert.deepEqual(unseen(shots), []);
  for (const [i, { label }] of PROMPTS.entries()) if (i > 0) assert.deepEqual(unseen(shots.filter((_, n) => n !== i)), [label]);
});

test("a picture is called what it shows, not what was asked for", () => {
  for (const [i, look] of DONE.entries()) {
    assert.equal(labelOf(look, CALM, PROMPTS[i]!.label), PROMPTS[i]!.label);
    assert.equal(labelOf(look, CALM, i === 8 ? "up" : "shut eyes"), PROMPTS[i]!.label);
  }
});

test("of many frames a few unlike ones stay, the sharpest of those alike, and all others are let go of", () => {
  const freed: number[] = [];
  const pool = new Pool<number>(5, (picture) => freed.push(picture));
  let number = 0;
  const put = (look: Look, sharp: number): void => pool.put({ look, sharp, label: "", picture: number++ });
  for (let round = 0; round < 50; round++) for (const look of DONE) put(look, 1);
  put(DONE[2]!, 9);
  const kept = pool.take();
  assert.equal(kept.length, 5);
  assert.equal(kept.length + freed.length, number);
  assert.equal(new Set(kept.map(({ look }) => JSON.stringify(look))).size, 5, "no two alike");
  assert.deepEqual(kept[0]!.look, CALM, "the calm one comes first");
  assert.ok(kept.every(({ look, sharp }) => look !== DONE[2] || sharp === 9));
  pool.clear();
  assert.equal(freed.length + kept.length, number, "what was taken is the taker's");
});
