import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { modelsFolder, projectRoot } from "../testing/paths";
import { readPNG } from "../testing/png";
import { FLAG_LOST, newSample } from "../wire/sample";
import { readDetections, regionOfDetection } from "./detect";
import { DETECT_SIDE, loadKernels, MESH_SIDE, type Network } from "./networks";
import { planeOf, regionOf, type Roi, wholeSquare } from "./roi";
import { fillCrop, newPixels } from "./sampler";
import { Tracker } from "./tracker";

interface Golden {
  detection: { score: number; box: number[]; keypoints: number[][] };
  detectionRoi: Roi;
  firstPoints: number[][];
  nextRoi: Roi;
  settledPoints: number[][];
  cropLandmarks: number[][];
  toleranceMean: number;
  tolerancePixels: number;
}

const folder = join(projectRoot, "models/face/testdata/golden");
const golden = JSON.parse(readFileSync(join(folder, "monalisa.json"), "utf8")) as Golden;
const monalisa = readPNG(join(projectRoot, "configs/monalisa.png"));
const skip = existsSync(join(modelsFolder, "face_landmarks.onnx")) ? false : `no networks in ${modelsFolder}: run make models`;

let detection: Network;
let landmarks: Network;

/** A file as the worker gets it. */
function fileOf(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(join(modelsFolder, name))).buffer;
}

before(async () => {
  if (skip) return;
  ({ detection, landmarks } = await loadKernels({ detection: fileOf("face_detection.onnx"), landmarks: fileOf("face_landmarks.onnx") }));
});

/** Mean distance over all points, in units of the distance between the irises. */
function meanError(points: Float32Array, wanted: number[][]): number {
  const eyes = Math.hypot(wanted[468]![0]! - wanted[473]![0]!, wanted[468]![1]! - wanted[473]![1]!);
  const sum = wanted.reduce((total, [x, y], i) => total + Math.hypot(points[3 * i]! - x!, points[3 * i + 1]! - y!), 0);
  return sum / wanted.length / eyes;
}

test("the face is found where Go finds it", { skip }, async () => {
  const roi = wholeSquare(512, 512);
  fillCrop(detection.input, DETECT_SIDE, monalisa, planeOf(roi), false);
  const outputs = await detection.run();
  const [best] = readDetections(outputs["boxes"]!, outputs["scores"]!, planeOf(roi), roi.side);
  assert.ok(best);
  assert.ok(Math.abs(best.score - golden.detection.score) < 0.01);
  [...golden.detection.box, ...golden.detection.keypoints.flat()].forEach((value, k) => {
    assert.ok(Math.abs(best.box[k]! - value) < 0.5, `value ${k}: ${best.box[k]!} for ${value}`);
  });
  const region = regionOfDetection(best);
  for (const key of ["cx", "cy", "side"] as const) assert.ok(Math.abs(region[key] - golden.detectionRoi[key]) < 1);
  assert.ok(Math.abs(region.angle - golden.detectionRoi.angle) < 0.005);
});

test("the landmark network agrees with Go's on the same crop", { skip }, async () => {
  const crop = readPNG(join(folder, "monalisa_crop.png"));
  fillCrop(landmarks.input, MESH_SIDE, crop, planeOf(wholeSquare(192, 192)), true);
  const outputs = await landmarks.run();
  golden.cropLandmarks.flat().forEach((value, k) => {
    assert.ok(Math.abs(outputs["landmarks"]![k]! - value) < golden.tolerancePixels, `value ${k}`);
  });
});

test("landmarks settle where Go's settle", { skip }, async () => {
  const tracker = new Tracker(detection, landmarks);
  const sample = newSample();
  await tracker.track(monalisa, sample);
  assert.equal(sample.flags & FLAG_LOST, 0);
  assert.ok(meanError(sample.points, golden.firstPoints) < golden.toleranceMean);
  const next = regionOf(sample.points, 512);
  for (const key of ["cx", "cy", "side"] as const) assert.ok(Math.abs(next[key] - golden.nextRoi[key]) < 2);
  for (let pass = 1; pass < 4; pass++) await tracker.track(monalisa, sample);
  const error = meanError(sample.points, golden.settledPoints);
  assert.ok(error < golden.toleranceMean, `mean error ${error}`);
});

test("a picture without a face is lost, and the face is found again after it", { skip }, async () => {
  const tracker = new Tracker(detection, landmarks);
  const sample = newSample();
  await tracker.track(newPixels(640, 480), sample);
  assert.ok(sample.flags & FLAG_LOST);
  assert.equal(sample.score, 0);
  await tracker.track(monalisa, sample);
  assert.equal(sample.flags & FLAG_LOST, 0);
  assert.equal(sample.width, 512);
});
