/** What a face does, in a few numbers: enough to tell whether another picture of it says something new. */

export interface Look {
  /** Radians: to the side, and up or down. */
  yaw: number;
  pitch: number;
  /** Of the lips, in widths of the mouth. */
  mouth: number;
  /** Width of the mouth, distance of the outer corners of the eyes. */
  smile: number;
  /** How far the lids are apart, in widths of the eye. */
  eyes: number;
  /** How high the brows stand, as smile. */
  brows: number;
  /** Pixels between the eyes. */
  size: number;
}

/** How much of each is a difference that is seen. */
const STEP = { yaw: 0.22, pitch: 0.2, mouth: 0.14, smile: 0.07, eyes: 0.09, brows: 0.05 };

/** Reads the landmarks of a tracker in a picture of this width, pixels. */
export function lookOf(points: Float32Array, width: number): Look {
  const at = (i: number, k: number): number => points[3 * i + k]!;
  const apart = (a: number, b: number): number => Math.hypot(at(a, 0) - at(b, 0), at(a, 1) - at(b, 1), at(a, 2) - at(b, 2));
  const flat = (a: number, b: number): number => Math.hypot(at(a, 0) - at(b, 0), at(a, 1) - at(b, 1));
  const wide = Math.max(apart(33, 263), 1e-6);
  const lids = (upper: number, lower: number, outer: number, inner: number): number => apart(upper, lower) / Math.max(apart(outer, inner), 1e-6);
  return {
    yaw: Math.atan2(at(263, 2) - at(33, 2), flat(263, 33)),
    pitch: Math.atan2(at(152, 2) - at(10, 2), flat(152, 10)),
    mouth: apart(13, 14) / Math.max(apart(61, 291), 1e-6),
    smile: apart(61, 291) / wide,
    eyes: (lids(159, 145, 33, 133) + lids(386, 374, 263, 362)) / 2,
    brows: (apart(105, 159) + apart(334, 386)) / 2 / wide,
    size: ((flat(33, 263) + flat(133, 362)) / 2) * width,
  };
}

/** How unlike two looks are; from 1 on anybody sees it. */
export function unlike(a: Look, b: Look): number {
  let sum = 0;
  for (const [name, step] of Object.entries(STEP) as [keyof typeof STEP, number][]) sum += ((a[name] - b[name]) / step) ** 2;
  return Math.sqrt(sum);
}

/** How far a look is from a calm face that looks into the camera; 0 is the calmest. */
export function unrest({ yaw, mouth, eyes }: Look): number {
  return 4 * mouth + Math.abs(yaw) + 2 * Math.max(0.27 - eyes, 0);
}
