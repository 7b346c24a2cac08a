/** Tells a new picture from the one before: a page that nobody sees may be given the same one again and again. */
import type { Pixels } from "./sampler";

/** Of so many pixels one is looked at. No usual width is a multiple, so all columns have their turn. */
const STRIDE = 7;

export class Changes {
  private before = 0;

  /** False where the picture is the one of the last call. A camera's noise alone makes every picture another. */
  sees({ words, width }: Pixels): boolean {
    let hash = width;
    for (let i = 0; i < words.length; i += STRIDE) hash = (Math.imul(hash, 31) + words[i]!) | 0;
    const changed = hash !== this.before;
    this.before = hash;
    return changed;
  }
}
