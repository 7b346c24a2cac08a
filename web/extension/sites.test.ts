import assert from "node:assert/strict";
import { test } from "node:test";
import { isOnFor, type KnownSite, withSite } from "./sites";

test("a site gets what was decided, one that is not known what new sites get", () => {
  const known = [{ origin: "https://a.example", on: false }, { origin: "https://b.example", on: true }];
  for (const [origin, newSites, want] of [
    ["https://a.example", true, false], ["https://b.example", false, true], ["https://c.example", true, true], ["https://c.example", false, false],
    ["https://a.example.org", true, true],
  ] as const) assert.equal(isOnFor(known, origin, newSites), want, `${origin} ${String(newSites)}`);
});

test("a decision replaces the one before, and the list ends somewhere", () => {
  let known: KnownSite[] = [{ origin: "https://off.example", on: false }];
  for (let i = 0; i < 300; i++) known = withSite(known, { origin: `https://${i}.example`, on: true });
  assert.equal(known.length, 100);
  assert.deepEqual(known[0], { origin: "https://off.example", on: false }, "who was switched off stays off the longest");
  known = withSite(known, { origin: "https://off.example", on: true });
  assert.deepEqual([known.length, known.at(-1)], [100, { origin: "https://off.example", on: true }]);
  for (let i = 0; i < 300; i++) known = withSite(known, { origin: `https://${i}.example`, on: false });
  assert.deepEqual([known.length, known.every(({ on }) => !on)], [100, true]);
});
