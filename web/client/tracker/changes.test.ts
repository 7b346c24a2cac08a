import assert from "node:assert/strict";
import { test } from "node:test";
import { Changes } from "./changes";
import { newPixels } from "./sampler";

test("a picture is seen as new once, and again when a row of it changes", () => {
  const changes = new Changes();
  const picture = newPixels(640, 480);
  picture.words.fill(0x7f808182);
  assert.ok(changes.sees(picture));
  assert.ok(!changes.sees(picture));
  for (let y = 0; y < picture.height; y += 97) {
    picture.words.fill(0x7f808183, y * 640, y * 640 + 7);
    assert.ok(changes.sees(picture), `seven pixels of row ${y}`);
    assert.ok(!changes.sees(picture));
  }
  assert.ok(changes.sees(newPixels(320, 240)), "a picture of another size");
});
