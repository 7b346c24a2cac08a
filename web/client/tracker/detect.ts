/** From the detector's boxes to one face; models/face/detect.go is its twin. */
import { EXPANSION, type Plane, type Roi } from "./roi";

export const BOX_COUNT = 896;
export const BOX_VALUES = 16;
export const MIN_SCORE = 0.5;
const MAX_OVERLAP = 0.3;
const MAX_ACCEPTED = 128;

/**
 * A face found in a picture, in pixels: score, then left, top, width, height, then x, y of six keypoints
 * (the eye left in the picture, the eye right in it, nose tip, mouth, the ear left, the ear right).
 */
export interface Detection {
  score: number;
  readonly box: Float32Array;
}

const BOX_LENGTH = 16;

/** Reads all faces out of the detector's output, best first. Runs only while no face is followed, so it may allocate. */
export function readDetections(boxes: Float32Array, scores: Float32Array, plane: Plane, side: number): Detection[] {
  const found: Detection[] = [];
  for (let i = 0; i < BOX_COUNT && found.length < MAX_ACCEPTED; i++) {
    const score = scores[i]!;
    if (!(score >= MIN_SCORE)) continue;
    found.push({ score, box: toPixels(boxes.subarray(i * BOX_VALUES, (i + 1) * BOX_VALUES), plane, side) });
  }
  return merge(found);
}

function toPixels(raw: Float32Array, plane: Plane, side: number): Float32Array {
  const box = new Float32Array(BOX_LENGTH);
  const x = (k: number): number => plane.cx + (raw[k]! - 0.5) * plane.ux + (raw[k + 1]! - 0.5) * plane.vx;
  const y = (k: number): number => plane.cy + (raw[k]! - 0.5) * plane.uy + (raw[k + 1]! - 0.5) * plane.vy;
  box[2] = raw[2]! * side;
  box[3] = raw[3]! * side;
  box[0] = x(0) - box[2] / 2;
  box[1] = y(0) - box[3] / 2;
  for (let k = 4; k < BOX_VALUES; k += 2) {
    box[k] = x(k);
    box[k + 1] = y(k);
  }
  return box;
}

/** Weighted non-maximum suppression: every group becomes its mean weighted by score, with the best one's score. */
function merge(found: Detection[]): Detection[] {
  const left = found.sort((a, b) => b.score - a.score);
  const merged: Detection[] = [];
  while (left.length > 0) {
    const best = left[0]!;
    const mean = new Float32Array(BOX_LENGTH);
    let total = 0;
    for (let j = 0; j < left.length;) {
      const other = left[j]!;
      if (other !== best && overlap(best.box, other.box) <= MAX_OVERLAP) {
        j++;
        continue;
      }
      left.splice(j, 1);
      total += other.score;
      for (let k = 0; k < BOX_LENGTH; k++) mean[k]! += other.score * other.box[k]!;
    }
    for (let k = 0; k < BOX_LENGTH; k++) mean[k]! /= total;
    merged.push({ score: best.score, box: mean });
  }
  return merged;
}

/** Intersection over union. */
function overlap(a: Float32Array, b: Float32Array): number {
  const w = Math.min(a[0]! + a[2]!, b[0]! + b[2]!) - Math.max(a[0]!, b[0]!);
  const h = Math.min(a[1]! + a[3]!, b[1]! + b[3]!) - Math.max(a[1]!, b[1]!);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (a[2]! * a[3]! + b[2]! * b[3]! - w * h);
}

/** Where in the picture the landmark network should look for the face. */
export function regionOfDetection({ box }: Detection): Roi {
  return {
    cx: box[0]! + box[2]! / 2,
    cy: box[1]! + box[3]! / 2,
    side: EXPANSION * Math.max(box[2]!, box[3]!),
    angle: Math.atan2(box[7]! - box[5]!, box[6]! - box[4]!),
  };
}
