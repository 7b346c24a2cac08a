/** Small frames of an open mouth, all over a film: how this mouth looks in words is learned from them. They are never shown. */
import { encode } from "./grab";
import type { Look } from "./look";

/** How many are kept at most. */
export const MOST_TALK = 32;
/** Milliseconds of a film between two of them. */
const APART = 130;
/** Pixels of their width at most. */
const WIDE = 640;
/** Opening of the lips, in widths of the mouth, from which on something is seen between them. */
const OPEN = 0.05;

export class Talk {
  private frames: Blob[] = [];
  private last = -Infinity;
  private grabbing: Promise<void> | null = null;

  /** Takes the picture that a video shows now, if this look at this time of the film, milliseconds, is worth it. */
  offer(look: Look, at: number, video: HTMLVideoElement): void {
    if (this.grabbing || this.frames.length >= MOST_TALK || look.mouth < OPEN || at - this.last < APART) return;
    this.last = at;
    this.grabbing = this.grab(video).finally(() => (this.grabbing = null));
  }

  /** All of them, in the order in which they came. They are the caller's from now on. */
  async take(): Promise<Blob[]> {
    await this.grabbing;
    const all = this.frames;
    this.frames = [];
    return all;
  }

  private async grab(video: HTMLVideoElement): Promise<void> {
    const scale = Math.min(1, WIDE / Math.max(video.videoWidth, 1));
    const size = { resizeWidth: Math.round(video.videoWidth * scale), resizeHeight: Math.round(video.videoHeight * scale) };
    try {
      this.frames.push(await encode(await createImageBitmap(video, { ...size, resizeQuality: "medium" })));
    } catch {
      // The video has no picture at the moment.
    }
  }
}
