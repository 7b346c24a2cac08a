import assert from "node:assert/strict";
import { test } from "node:test";
import { newPixels, type Pixels } from "./sampler";
import { cellSide, cellsOf, drawMarker, readMarker } from "./marker";

/** A picture of mid-grey noise. */
function noisy(width: number, height: number): Pixels {
  const picture = newPixels(width, height);
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = 90 + ((i * 7919) % 80);
  return picture;
}

test("every kind of code survives being drawn and read", () => {
  const picture = noisy(640, 480);
  for (const code of [0, 1, 0x5555, 0xaaaa, 0x1234, 0xfffe, 0xffff]) {
    drawMarker(picture, code);
    assert.equal(readMarker(picture, cellSide(640)), code);
  }
});

test("a picture without a marker reads as none", () => {
  assert.equal(readMarker(noisy(640, 480), 16), -1);
  assert.equal(readMarker(newPixels(640, 480), 16), -1);
});

test("a flipped cell fails the checksum", () => {
  const picture = noisy(640, 480);
  drawMarker(picture, 0x1234);
  for (let y = 32; y < 48; y++) picture.data.fill(255, 4 * (y * 640 + 16), 4 * (y * 640 + 32));
  assert.equal(readMarker(picture, 16), -1);
});

test("it survives low contrast and blur as a video codec makes them", () => {
  const picture = noisy(512, 512);
  drawMarker(picture, 0xbeef);
  const blurred = newPixels(512, 512);
  for (let y = 1; y < 120; y++) {
    for (let x = 1; x < 120; x++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += picture.data[4 * ((y + dy) * 512 + x + dx) + 1]!;
      blurred.data[4 * (y * 512 + x) + 1] = 60 + (sum / 9) * 0.5;
    }
  }
  assert.equal(readMarker(blurred, cellSide(512)), 0xbeef);
});

test("the layout: fixed corners, data, checksum", () => {
  const cells = [...cellsOf(0x8001)];
  assert.deepEqual([cells[0], cells[5], cells[18], cells[23]], [1, 0, 0, 1]);
  assert.equal(cells[1], 1, "the most significant bit comes first");
  // 8 ^ 0 ^ 0 ^ 1 = 1001 in the last four free cells.
  assert.deepEqual([cells[19], cells[20], cells[21], cells[22]], [1, 0, 0, 1]);
});
