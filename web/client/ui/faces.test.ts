import assert from "node:assert/strict";
import { test } from "node:test";
import { largest, placeOf } from "./faces";

const face = { x: 100, y: 50, width: 80, height: 100 };

test("faces lie where the picture shows them in its square", () => {
  assert.deepEqual(placeOf(face, { width: 400, height: 200, faces: [] }), { left: 25, top: 37.5, width: 20, height: 25 });
  assert.deepEqual(placeOf(face, { width: 200, height: 400, faces: [] }), { left: 50, top: 12.5, width: 20, height: 25 });
  assert.deepEqual(placeOf(face, { width: 400, height: 400, faces: [] }), { left: 25, top: 12.5, width: 20, height: 25 });
});

test("the largest face is the one that is taken unless another is chosen", () => {
  assert.equal(largest([face, { ...face, width: 81 }, { ...face, width: 81 }]), 1);
  assert.equal(largest([face]), 0);
});
