/** Where samples of a picture lie: ONNX's GridSample, bilinear, zeros beyond the edge, edges at -1 and 1. */
import { SAMPLE_WORDS } from "./emit_input";
import type { Picture } from "./lower";
import type { Strides } from "./emit";

/**
 * Fills the table of emitSamples; words and weights are the same room. What lies outside weighs nothing, and its address is
 * one within the picture whatever the grid holds.
 */
export function fillSamples(grid: Float32Array, { width, height }: Picture, { pixel, row }: Strides, words: Int32Array, weights: Float32Array): void {
  for (let i = 0, at = 0; at < words.length; i += 2, at += SAMPLE_WORDS) {
    const x = ((grid[i]! + 1) * width - 1) / 2;
    const y = ((grid[i + 1]! + 1) * height - 1) / 2;
    const left = Math.floor(x), top = Math.floor(y);
    const right = x - left, bottom = y - top;
    for (let corner = 0; corner < 4; corner++) {
      const cx = left + (corner & 1), cy = top + (corner >> 1);
      const inside = cx >= 0 && cx < width && cy >= 0 && cy < height;
      words[at + corner] = inside ? cy * row + cx * pixel : 0;
      weights[at + 4 + corner] = inside ? (corner & 1 ? right : 1 - right) * (corner >> 1 ? bottom : 1 - bottom) : 0;
    }
  }
}
