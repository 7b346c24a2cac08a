import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../testing/paths";
import { planeOf, type Roi } from "./roi";
import { brightness, fillCrop, newPixels } from "./sampler";

interface CropCase {
  roi: Roi;
  n: number;
  edge: "repeat" | "black";
  values: number[];
}

const golden = JSON.parse(readFileSync(join(projectRoot, "models/face/testdata/golden/crop.json"), "utf8")) as {
  width: number; height: number; cases: CropCase[];
};

/** The picture that the golden file describes. */
function picture(): ReturnType<typeof newPixels> {
  const made = newPixels(golden.width, golden.height);
  for (let y = 0; y < golden.height; y++) {
    for (let x = 0; x < golden.width; x++) {
      made.data.set([(5 * x + 3 * y) % 256, (7 * y + 11) % 256, (x * y) % 256, 255], 4 * (y * golden.width + x));
    }
  }
  return made;
}

/** Worst and mean difference from Go's values. */
function difference({ roi, n, edge, values }: CropCase): { worst: number; mean: number } {
  const crop = new Float32Array(3 * n * n);
  fillCrop(crop, n, picture(), planeOf(roi), edge === "repeat");
  const errors = values.map((value, k) => Math.abs(crop[k]! - value));
  return { worst: Math.max(...errors), mean: errors.reduce((a, b) => a + b, 0) / errors.length };
}

for (const [i, one] of golden.cases.entries()) {
  const { roi, edge } = one;
  test(`crop ${i} agrees with Go: side ${roi.side}, angle ${roi.angle}, ${edge}`, () => {
    // A step of exactly 5 takes two or three samples, as the last bit of a square root decides: try both sides of it.
    const tries = [0.999999, 1.000001].map((nudge) => difference({ ...one, roi: { ...roi, side: roi.side * nudge } }));
    const { worst, mean } = tries.sort((a, b) => a.mean - b.mean)[0]!;
    // Weights have 4 bits here and 8 there, which shows where the ramps of this picture wrap from 255 to 0.
    assert.ok(worst < 0.05, `worst difference ${worst}`);
    assert.ok(mean < 0.008, `mean difference ${mean}`);
  });
}

test("brightness of a filled crop", () => {
  assert.ok(Math.abs(brightness(new Float32Array(300).fill(0.25)) - 0.25) < 1e-6);
});
