/** Fills a network's input from a region of a picture, with the same arithmetic as models/face/crop.go. */
import type { Plane } from "./roi";

/** An RGBA picture, 4 bytes a pixel, rows from the top without padding. Both views share one buffer. */
export interface Pixels {
  readonly data: Uint8Array;
  /** One pixel per element: 0xAABBGGRR, as every machine that runs browsers stores it. */
  readonly words: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** Room for a picture, or a view of what fills it already. */
export function newPixels(width: number, height: number, buffer = new ArrayBuffer(4 * width * height)): Pixels {
  return { data: new Uint8Array(buffer), words: new Int32Array(buffer), width, height };
}

const MAX_PER_AXIS = 16;

/** How many samples a crop pixel takes along an axis that shrinks the picture by step: one covers two pixels. */
function perAxis(step: number): number {
  return Math.min(MAX_PER_AXIS, Math.max(1, Math.floor(step / 2 + 0.5)));
}

/**
 * Samples the n x n crop at plane into dst: planes R, G, B of n*n values in 0..1. With repeatEdge the outside of the
 * picture repeats its border, else it is black. Positions are 16.16 fixed point.
 *
 * Bilinear weights have 4 bits an axis (8 in Go), so that red and blue can be weighted in the halves of one word; the
 * sums stay in local variables of one loop. Both together make it five times as fast as the plain way.
 */
export function fillCrop(dst: Float32Array, n: number, picture: Pixels, plane: Plane, repeatEdge: boolean): void {
  const { words, width, height } = picture;
  const { cx, cy, ux, uy, vx, vy } = plane;
  const ku = perAxis(Math.hypot(ux, uy) / n);
  const kv = perAxis(Math.hypot(vx, vy) / n);
  const scale = 1 / (255 * 256 * ku * kv);
  const du = 1 / (n * ku);
  const dv = 1 / (n * kv);
  const stepX = Math.round(ux * du * 65536);
  const stepY = Math.round(uy * du * 65536);
  const area = n * n;
  for (let j = 0, k = 0; j < n; j++) {
    for (let i = 0; i < n; i++, k++) {
      const u = (i * ku + 0.5) * du - 0.5;
      let r = 0, g = 0, b = 0;
      for (let row = 0; row < kv; row++) {
        const v = (j * kv + row + 0.5) * dv - 0.5;
        // 2048 is half a step of the weights: they are rounded, not cut off.
        let fx = (Math.floor((cx + u * ux + v * vx - 0.5) * 65536) + 2048) | 0;
        let fy = (Math.floor((cy + u * uy + v * vy - 0.5) * 65536) + 2048) | 0;
        for (let column = 0; column < ku; column++) {
          const x = fx >> 16;
          const y = fy >> 16;
          const wx = (fx >> 12) & 15;
          const wy = (fy >> 12) & 15;
          const w11 = Math.imul(wx, wy);
          const w10 = (wx << 4) - w11;
          const w01 = (wy << 4) - w11;
          const w00 = 256 - w10 - w01 - w11;
          const inside = x >= 0 && y >= 0 && x < width - 1 && y < height - 1;
          const at = Math.imul(y, width) + x;
          const p00 = inside ? words[at]! : pixelAt(picture, x, y, repeatEdge);
          const p10 = inside ? words[at + 1]! : pixelAt(picture, x + 1, y, repeatEdge);
          const p01 = inside ? words[at + width]! : pixelAt(picture, x, y + 1, repeatEdge);
          const p11 = inside ? words[at + width + 1]! : pixelAt(picture, x + 1, y + 1, repeatEdge);
          const top = (Math.imul(p00 & 0xff00ff, w00) + Math.imul(p10 & 0xff00ff, w10)) | 0;
          const bottom = (Math.imul(p01 & 0xff00ff, w01) + Math.imul(p11 & 0xff00ff, w11)) | 0;
          const redBlue = (top + bottom) | 0;
          const upper = (Math.imul((p00 >>> 8) & 255, w00) + Math.imul((p10 >>> 8) & 255, w10)) | 0;
          const lower = (Math.imul((p01 >>> 8) & 255, w01) + Math.imul((p11 >>> 8) & 255, w11)) | 0;
          r = (r + (redBlue & 0xffff)) | 0;
          g = (g + upper + lower) | 0;
          b = (b + (redBlue >>> 16)) | 0;
          fx = (fx + stepX) | 0;
          fy = (fy + stepY) | 0;
        }
      }
      dst[k] = r * scale;
      dst[area + k] = g * scale;
      dst[2 * area + k] = b * scale;
    }
  }
}

/** A pixel that may lie outside the picture. */
function pixelAt({ words, width, height }: Pixels, x: number, y: number, repeatEdge: boolean): number {
  const inX = Math.min(Math.max(x, 0), width - 1);
  const inY = Math.min(Math.max(y, 0), height - 1);
  return repeatEdge || (inX === x && inY === y) ? words[inY * width + inX]! : 0;
}

/** Mean brightness of a filled crop, 0..1: tells a dark room from an empty one. */
export function brightness(crop: Float32Array): number {
  let sum = 0;
  let taken = 0;
  // Every 17th value is plenty for a mean and costs next to nothing.
  for (let i = 0; i < crop.length; i += 17, taken++) sum += crop[i]!;
  return sum / taken;
}
