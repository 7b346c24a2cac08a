/** Runs inside a call's page: reads the marker of the driver's picture off the wide picture of calls. */
import { AREA, cellSide, readMarker } from "../client/tracker/marker";
import { newPixels } from "../client/tracker/sampler";

/** Pixels of the portrait as the server draws it; it stands in the middle of the wide picture, as high as that. */
const DRAWN = 512;

/** Codes that a video shows in so many seconds, and when each was first shown, microseconds since the epoch. */
async function codes(video: HTMLVideoElement, seconds: number): Promise<[code: number, at: number][]> {
  const cell = cellSide(DRAWN);
  const [width, height] = [AREA.columns * cell, AREA.rows * cell];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  const seen = new Map<number, number>();
  for (const until = performance.now() + 1000 * seconds; performance.now() < until;) {
    const at = await new Promise<number>((resolve) => void video.requestVideoFrameCallback((_, { presentationTime }) => resolve(presentationTime)));
    const side = video.videoHeight;
    context.drawImage(video, (video.videoWidth - side) / 2, 0, (side * width) / DRAWN, (side * height) / DRAWN, 0, 0, width, height);
    const code = readMarker(newPixels(width, height, context.getImageData(0, 0, width, height).data.buffer), cell);
    if (code >= 0 && !seen.has(code)) seen.set(code, 1000 * (performance.timeOrigin + at));
  }
  return [...seen];
}

export type Codes = typeof codes;
globalThis.codes = codes;
