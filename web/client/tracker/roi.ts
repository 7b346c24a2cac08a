/**
 * Regions of interest, in pixels of a picture; models/face/doc.go defines the geometry that both sides share.
 * The centre of the top left pixel is (0.5, 0.5).
 */
import { COUNT } from "../wire/sample";

/** A square: its centre, its side, and the angle in radians by which it is turned clockwise as seen on the screen. */
export interface Roi {
  cx: number;
  cy: number;
  side: number;
  angle: number;
}

/** Maps positions of a crop, -0.5..0.5 on both axes, to pixels: (cx + u*ux + v*vx, cy + u*uy + v*vy). */
export interface Plane {
  cx: number;
  cy: number;
  ux: number;
  uy: number;
  vx: number;
  vy: number;
}

/** How much larger than the face its region is, so that the face stays inside until the next frame. */
export const EXPANSION = 1.5;

// Outer corners of both eyes: their line is level in a region.
const LEFT_CORNER = 33;
const RIGHT_CORNER = 263;

/** The region that holds the whole picture. */
export function wholeSquare(width: number, height: number): Roi {
  return { cx: width / 2, cy: height / 2, side: Math.max(width, height), angle: 0 };
}

export function planeOf(roi: Roi): Plane {
  const sin = Math.sin(roi.angle);
  const cos = Math.cos(roi.angle);
  const s = roi.side;
  return { cx: roi.cx, cy: roi.cy, ux: s * cos, uy: s * sin, vx: -s * sin, vy: s * cos };
}

/** Whether a region is worth looking at: finite, of some size, with its centre near the picture. */
export function usable(roi: Roi, width: number, height: number): boolean {
  return roi.side >= 8 && roi.side <= 8 * Math.max(width, height) &&
    roi.cx > -width && roi.cx < 2 * width && roi.cy > -height && roi.cy < 2 * height &&
    roi.angle >= -4 && roi.angle <= 4;
}

/** Where to look next for a face whose landmarks, in units of the picture's width, are known. */
export function regionOf(points: Float32Array, width: number): Roi {
  let lowX = points[0]!, highX = lowX, lowY = points[1]!, highY = lowY;
  for (let i = 1; i < COUNT; i++) {
    const x = points[3 * i]!;
    const y = points[3 * i + 1]!;
    if (x < lowX) lowX = x;
    if (x > highX) highX = x;
    if (y < lowY) lowY = y;
    if (y > highY) highY = y;
  }
  const dx = points[3 * RIGHT_CORNER]! - points[3 * LEFT_CORNER]!;
  const dy = points[3 * RIGHT_CORNER + 1]! - points[3 * LEFT_CORNER + 1]!;
  return {
    cx: ((lowX + highX) / 2) * width,
    cy: ((lowY + highY) / 2) * width,
    side: EXPANSION * Math.max(highX - lowX, highY - lowY) * width,
    angle: Math.atan2(dy, dx),
  };
}
