/**
 * One set of face landmarks, as package pipeline/landmark defines it.
 *
 * Coordinates are isotropic: x, y and z are in units of the image's WIDTH, origin at the top left, y down,
 * smaller z is nearer to the camera. Indices are those of the MediaPipe face mesh: 468 of the skin, then 5 of each iris.
 */

/** Number of landmarks of one face. */
export const COUNT = 478;

/** No face was found in this image; the points are meaningless. */
export const FLAG_LOST = 1;
/** The driver asks that this sample becomes the neutral. */
export const FLAG_NEUTRAL = 2;
/** `marker` holds a code that was seen in the captured image. */
export const FLAG_MARKER = 4;
const FLAGS_KNOWN = FLAG_LOST | FLAG_NEUTRAL | FLAG_MARKER;

/** A sample is owned by whoever made it and is filled again for every frame. */
export interface Sample {
  /** Counts the driver's samples, wraps at 2^32. */
  seq: number;
  flags: number;
  /** Valid with FLAG_MARKER, 0..65535. */
  marker: number;
  /** Face presence, 0..1. */
  score: number;
  /** When the image was captured: microseconds of the browser's clock (nowMicros of common/clock.ts). */
  captureMicros: number;
  /** Size of the driver's image, pixels. */
  width: number;
  height: number;
  /** COUNT times x, y, z. */
  readonly points: Float32Array;
}

export function newSample(): Sample {
  return {
    seq: 0, flags: 0, marker: 0, score: 0, captureMicros: 0, width: 0, height: 0,
    points: new Float32Array(3 * COUNT),
  };
}

export function knownFlags(flags: number): number {
  return flags & FLAGS_KNOWN;
}

/** How far the lips are apart, in units of the width of the mouth: 0 closed, about 0.8 wide open. */
export function mouthOpening(points: Float32Array): number {
  return distance(points, 13, 14) / Math.max(distance(points, 61, 291), 1e-6);
}

function distance(points: Float32Array, a: number, b: number): number {
  return Math.hypot(points[3 * a]! - points[3 * b]!, points[3 * a + 1]! - points[3 * b + 1]!);
}
