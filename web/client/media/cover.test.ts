import assert from "node:assert/strict";
import { test } from "node:test";
import { boxShare, pictureShare, type Size } from "./cover";

const square: Size = { width: 512, height: 512 };

test("a picture of the box's shape is drawn column for column", () => {
  for (const box of [square, { width: 331.5, height: 331.5 }]) {
    for (const share of [0, 0.25, 0.5, 1]) assert.equal(boxShare(share, square, box), share);
  }
});

test("what a narrower box cuts off lies outside of it", () => {
  const box = { width: 100, height: 200 };
  assert.equal(boxShare(0.5, square, box), 0.5);
  assert.equal(boxShare(0.25, square, box), 0);
  assert.equal(boxShare(0.75, square, box), 1);
  assert.equal(boxShare(0, square, box), -0.5);
});

test("a flatter box cuts above and below: columns stay", () => {
  assert.equal(boxShare(0.3, square, { width: 200, height: 100 }), 0.3);
  assert.equal(boxShare(0.3, { width: 640, height: 480 }, { width: 640, height: 240 }), 0.3);
});

test("there and back again", () => {
  const wide = { width: 1280, height: 720 };
  const box = { width: 300, height: 280 };
  for (const share of [0.1, 0.5, 0.93]) assert.ok(Math.abs(pictureShare(boxShare(share, wide, box), wide, box) - share) < 1e-12);
});

test("before the first frame the picture is taken to fit", () => {
  assert.equal(boxShare(0.3, { width: 0, height: 0 }, square), 0.3);
  assert.equal(pictureShare(0.3, square, { width: 0, height: 0 }), 0.3);
});
