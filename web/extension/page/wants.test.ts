import assert from "node:assert/strict";
import { test } from "node:test";
import { beyond, type Choice, choose, shapeOf, withoutOurs } from "./wants";

const OURS = "a".repeat(64), GROUP = "b".repeat(64), OTHER = "c".repeat(64);

const wishes: [unknown, Choice][] = [
  [undefined, "none"], [false, "none"], [null, "none"], [true, "ours"], [{}, "ours"],
  // The forms of a deviceId.
  [{ deviceId: OURS }, "ours"], [{ deviceId: OTHER }, "browser"], [{ deviceId: "" }, "ours"], [{ deviceId: "default" }, "ours"],
  [{ deviceId: { exact: OURS } }, "ours"], [{ deviceId: { exact: OTHER } }, "browser"], [{ deviceId: { ideal: OURS } }, "ours"],
  [{ deviceId: { ideal: OTHER } }, "browser"], [{ deviceId: [OTHER, OURS] }, "ours"], [{ deviceId: { exact: [OTHER, OURS] } }, "ours"],
  [{ deviceId: { exact: [OTHER] } }, "browser"], [{ deviceId: { exact: OTHER, ideal: OURS } }, "browser"], [{ deviceId: 7 }, "ours"],
  [{ groupId: { exact: GROUP } }, "ours"], [{ groupId: { exact: OTHER } }, "browser"], [{ groupId: OTHER }, "ours"],
  // Jitsi picks by deviceId, and by facingMode on phones; a camera that looks away is not ours.
  [{ deviceId: { exact: OURS }, height: { ideal: 720, max: 720, min: 180 } }, "ours"], [{ facingMode: "user" }, "ours"],
  [{ facingMode: { exact: "environment" } }, "browser"], [{ facingMode: { ideal: "environment" } }, "ours"],
  // Meet, as it did for long.
  [{ mandatory: { sourceId: OURS, maxWidth: 1280 } }, "ours"], [{ mandatory: { sourceId: OTHER } }, "browser"],
  [{ optional: [{ sourceId: OURS }] }, "ours"], [{ optional: [{ minWidth: 640 }, { sourceId: OTHER }] }, "browser"],
  [{ advanced: [{ deviceId: OTHER }] }, "browser"], [{ advanced: [{ deviceId: { exact: OURS } }] }, "ours"], [{ advanced: "what" }, "ours"],
  // Screens.
  [{ mandatory: { chromeMediaSource: "desktop" } }, "browser"], [{ mandatory: { chromeMediaSource: "tab", chromeMediaSourceId: "x" } }, "browser"],
  [{ mediaSource: "screen" }, "browser"], [{ mediaSource: "camera" }, "ours"], [{ optional: [{ chromeMediaSourceId: "x" }] }, "browser"],
];

test("whose camera is meant", () => {
  for (const [video, want] of wishes) assert.equal(choose(video, OURS, GROUP), want, JSON.stringify(video));
});

test("the real camera is asked for without our device, and everything else as it was", () => {
  assert.deepEqual(withoutOurs({ deviceId: { exact: OURS }, groupId: GROUP, width: 640 }), { width: 640 });
  assert.deepEqual(withoutOurs({ mandatory: { sourceId: OURS, minWidth: 640 }, optional: [{ sourceId: OURS }, { minHeight: 1 }] }),
    { mandatory: { minWidth: 640 }, optional: [{ minHeight: 1 }] });
  assert.deepEqual(withoutOurs({ advanced: [{ deviceId: OURS, width: 5 }] }), { advanced: [{ width: 5 }] });
  assert.equal(withoutOurs(true), true);
});

test("what no camera of ours can do is named", () => {
  const most = { width: 1280, height: 720, frameRate: 30 };
  assert.deepEqual(beyond({ width: { exact: 1920 }, height: { min: 1080 }, frameRate: { ideal: 60 } }, most), ["width", "height"]);
  assert.deepEqual(beyond({ width: { exact: 640 }, height: 4000, frameRate: { min: 30 } }, most), []);
});

test("only sizes and rates are applied to the picture, old names translated", () => {
  assert.deepEqual(shapeOf({ deviceId: OURS, width: { ideal: 640 }, zoom: 3, frameRate: 30 }), { width: { ideal: 640 }, frameRate: 30 });
  assert.deepEqual(shapeOf({ mandatory: { minWidth: 640, maxWidth: 1280, maxFrameRate: 15, sourceId: OURS } }),
    { width: { min: 640, max: 1280 }, frameRate: { max: 15 } });
  assert.deepEqual([shapeOf(true), shapeOf(null), shapeOf({})], [{}, {}, {}]);
});
