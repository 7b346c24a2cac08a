import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../testing/paths";
import { Encoder, HEADER_SIZE, MAX_WIRE_SIZE, patchHeader, patchSeq } from "./codec";
import { COUNT, FLAG_LOST, FLAG_MARKER, FLAG_NEUTRAL, mouthOpening, newSample, type Sample } from "./sample";
import { WIRE_COUNT, WIRE_INDEX } from "./subset";

/** The golden file: index names the landmarks that travel, points of a sample are in that order. */
interface Golden {
  index: number[];
  samples: {
    name: string; seq: number; flags: number; marker: number; score: number; captureMicros: number; width: number; height: number;
    points: [number, number, number][] | null;
    hex: string;
  }[];
}

const golden = JSON.parse(readFileSync(join(projectRoot, "pipeline/landmark/testdata/wire_v1.json"), "utf8")) as Golden;

function faceLike(): Sample {
  const sample = newSample();
  Object.assign(sample, { seq: 7, score: 0.9, captureMicros: 1.7e15 + 3, width: 640, height: 480 });
  for (let i = 0; i < COUNT; i++) {
    sample.points.set([0.4 + 0.1 * Math.sin(i), 0.3 + 0.12 * Math.cos(2 * i), 0.05 * Math.sin(3 * i)], 3 * i);
  }
  return sample;
}

function encode(sample: Sample): DataView {
  const view = new DataView(new ArrayBuffer(MAX_WIRE_SIZE));
  const size = new Encoder().encode(view, sample);
  return new DataView(view.buffer, 0, size);
}

test("the travelling points are those of the Go package", () => {
  assert.deepEqual([...WIRE_INDEX], golden.index);
  assert.equal(WIRE_INDEX.length, WIRE_COUNT);
});

for (const { name, points, hex, ...header } of golden.samples) {
  test(`golden vector: ${name}`, () => {
    const sample = newSample();
    Object.assign(sample, header);
    points?.forEach((point, i) => sample.points.set(point, 3 * golden.index[i]!));
    const { buffer, byteLength } = encode(sample);
    assert.equal(Buffer.from(buffer, 0, byteLength).toString("hex"), hex);
  });
}

test("header and points are quantised as documented", () => {
  const sample = faceLike();
  sample.flags = FLAG_MARKER | 0x4000;
  sample.marker = 0xbeef;
  const wire = encode(sample);
  assert.equal(wire.byteLength, MAX_WIRE_SIZE);
  assert.deepEqual([wire.getUint8(0), wire.getUint8(1), wire.getUint16(2, true)], [0x47, 1, FLAG_MARKER]);
  assert.deepEqual([wire.getUint32(4, true), wire.getBigUint64(8, true)], [7, 1700000000000003n]);
  assert.deepEqual([wire.getUint16(36, true), wire.getUint16(38, true), wire.getUint8(40), wire.getUint16(42, true)], [640, 480, 230, 0xbeef]);
  const [x0, y0, edge, z0, depth] = [16, 20, 24, 28, 32].map((at) => wire.getFloat32(at, true)) as [number, number, number, number, number];
  for (let i = 0; i < WIRE_COUNT; i++) {
    const word = wire.getUint32(HEADER_SIZE + 4 * i, true);
    const at = 3 * WIRE_INDEX[i]!;
    assert.ok(Math.abs(x0 + (edge * (word & 4095)) / 4095 - sample.points[at]!) < 0.6 * edge / 4095);
    assert.ok(Math.abs(y0 + (edge * ((word >>> 12) & 4095)) / 4095 - sample.points[at + 1]!) < 0.6 * edge / 4095);
    assert.ok(Math.abs(z0 + (depth * (word >>> 24)) / 255 - sample.points[at + 2]!) < 0.6 * depth / 255);
  }
});

test("a lost sample is a header", () => {
  const sample = faceLike();
  sample.flags = FLAG_LOST;
  sample.points.fill(NaN);
  const wire = encode(sample);
  assert.equal(wire.byteLength, HEADER_SIZE);
  assert.equal(wire.getFloat32(24, true) > 0, true);
});

test("points that are no numbers or far off do not travel", () => {
  for (const bad of [NaN, Infinity, -5, 4.5]) {
    const sample = faceLike();
    sample.points[3 * WIRE_INDEX[100]! + 1] = bad;
    assert.equal(encode(sample).byteLength, 0);
  }
});

test("patching sets number, time and flags, and nothing else", () => {
  const wire = encode(faceLike());
  const before = new Uint8Array(wire.buffer.slice(0));
  patchHeader(wire, 0xfffffffe, 2 ** 33 + 5, FLAG_NEUTRAL);
  assert.deepEqual([wire.getUint32(4, true), wire.getBigUint64(8, true), wire.getUint16(2, true)], [0xfffffffe, 2n ** 33n + 5n, FLAG_NEUTRAL]);
  assert.deepEqual(new Uint8Array(wire.buffer).subarray(16), before.subarray(16));
  patchSeq(wire, 9);
  assert.equal(wire.getUint32(4, true), 9);
});

test("mouth opening is relative to the mouth's width", () => {
  const { points } = newSample();
  points.set([0.4, 0], 3 * 61);
  points.set([0.6, 0], 3 * 291);
  points.set([0.5, 0.1], 3 * 14);
  points.set([0.5, 0], 3 * 13);
  assert.ok(Math.abs(mouthOpening(points) - 0.5) < 1e-5);
});
