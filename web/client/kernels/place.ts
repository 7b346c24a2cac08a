/**
 * Where each picture lies in memory. Pictures of the same sizes take turns in the same room, so that the border around
 * them, which nobody writes, stays zero.
 */
import { VECTOR, type Strides } from "./emit";
import type { Action, Picture } from "./lower";

export interface Place extends Strides {
  /** Of the first pixel within the border, bytes. */
  readonly at: number;
  /** Vectors of a pixel. */
  readonly vectors: number;
}

export class Places {
  private readonly places = new Map<Picture, Place>();

  /** Room from begin on; end is where it ends. */
  constructor(actions: readonly Action[], private begin: number) {
    const last = lastUses(actions);
    const free = new Map<string, number[]>();
    const keyOf = ({ channels, height, width, border }: Picture): string => [vectorsOf(channels), height, width, border].join();
    actions.forEach((action, i) => {
      const target = action.kind === "conv" || action.kind === "sample" ? action.target : null;
      if (target) {
        const room = free.get(keyOf(target))?.pop();
        this.places.set(target, this.place(target, room));
      }
      // Freed after what is written meanwhile has its room: a convolution never writes what it still reads.
      for (const [picture, end] of last) {
        if (end !== i || !this.places.has(picture)) continue;
        const key = keyOf(picture);
        free.set(key, [...free.get(key) ?? [], this.of(picture).at]);
      }
    });
  }

  get end(): number {
    return this.begin;
  }

  of(picture: Picture): Place {
    const place = this.places.get(picture);
    if (!place) throw new Error("a picture is used before it is there");
    return place;
  }

  private place({ channels, height, width, border }: Picture, room: number | undefined): Place {
    const vectors = vectorsOf(channels);
    const pixel = vectors * VECTOR;
    const row = (width + 2 * border) * pixel;
    const inset = border * (row + pixel);
    if (room !== undefined) return { at: room, pixel, row, vectors };
    const at = this.begin + inset;
    this.begin += row * (height + 2 * border);
    return { at, pixel, row, vectors };
  }
}

export function vectorsOf(channels: number): number {
  return Math.ceil(channels / 4);
}

/** For each picture the index of the last action that reads it, or of the one that writes it. */
function lastUses(actions: readonly Action[]): Map<Picture, number> {
  const last = new Map<Picture, number>();
  actions.forEach((action, i) => {
    if (action.kind === "step") return;
    if (action.source) last.set(action.source, i);
    if (action.kind === "conv" && action.residual) last.set(action.residual.picture, i);
    if (action.kind !== "read") last.set(action.target, i);
  });
  return last;
}
