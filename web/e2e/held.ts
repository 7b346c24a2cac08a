/**
 * Runs inside the page under test: holds the driver still at one moment of a performance, takes mean pictures of what the
 * video shows meanwhile, and tells where two of them differ.
 */
import { getPerformance } from "../client/api";
import { parsePerformance, type PerformanceRecord } from "../client/media/performance";

/** Shares of the picture: left, top, right, bottom. */
export type Region = [number, number, number, number];

export interface Held {
  /** Makes the first sample of a performance the neutral, then sends the one at so many seconds again and again. */
  hold(performance: string, seconds: number): Promise<void>;
  release(): void;
  /** Keeps the mean of all frames that are displayed in so many seconds. */
  take(name: string, seconds: number): Promise<number>;
  /** Mean over the pixels of a region of how far two pictures differ, levels of 255. */
  difference: (a: string, b: string, region: Region) => number;
  /** The largest mean over a 16 x 16 block outside of a region. */
  worstOutside: (a: string, b: string, region: Region) => number;
  /** Where a picture turns from one into the other, share of the width, judged by the columns of a region. */
  turn(picture: string, left: string, right: string, region: Region): number;
  /** A kept picture, or eight times the difference of two, as a data URL. */
  show(a: string, b?: string): string;
}

interface Mean {
  size: number;
  /** RGB. */
  levels: Float32Array;
}

/** Milliseconds between two samples; for so long the first sample is sent, of which a player makes the neutral; of the whole. */
const EVERY = 33, FIRST = 600, WHOLE = 600_000;
const BLOCK = 16;
const pictures = new Map<string, Mean>();

async function hold(performance: string, seconds: number): Promise<void> {
  const records = parsePerformance(await getPerformance(performance, 30));
  const first = records[0]!.datagram;
  const { datagram: held } = records.find(({ at }) => at >= 1e6 * seconds) ?? records[0]!;
  const still: PerformanceRecord[] = [];
  for (let at = 0; at < WHOLE; at += EVERY) still.push({ at: 1000 * at, datagram: at < FIRST ? first : held });
  // By the page's own player: a second sequence of numbers would look stale to the server.
  globalThis.gioconda.driving.player.play(still);
  await new Promise((resolve) => setTimeout(resolve, FIRST));
}

function release(): void {
  globalThis.gioconda.driving.player.halt();
}

async function take(name: string, seconds: number): Promise<number> {
  const video = document.querySelector<HTMLVideoElement>("#live")!;
  const size = video.videoWidth;
  const context = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true })!;
  const levels = new Float32Array(3 * size * size);
  let frames = 0;
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until) {
    await new Promise<void>((resolve) => void video.requestVideoFrameCallback(() => resolve()));
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, 0, size, size);
    for (let i = 0; i < size * size; i++) for (let c = 0; c < 3; c++) levels[3 * i + c]! += data[4 * i + c]!;
    frames++;
  }
  for (let i = 0; i < levels.length; i++) levels[i]! /= frames;
  pictures.set(name, { size, levels });
  return frames;
}

function kept(name: string): Mean {
  const picture = pictures.get(name);
  if (!picture) throw new Error(`no picture ${name} was taken`);
  return picture;
}

/** Mean of the differences of the three channels over a rectangle of pixels. */
function mean(a: Mean, b: Mean, x0: number, y0: number, x1: number, y1: number): number {
  let sum = 0;
  for (let y = y0; y < y1; y++) {
    for (let i = 3 * (y * a.size + x0); i < 3 * (y * a.size + x1); i++) sum += Math.abs(a.levels[i]! - b.levels[i]!);
  }
  return sum / (3 * (x1 - x0) * (y1 - y0));
}

function pixels({ size }: Mean, region: Region): Region {
  return region.map((share) => Math.round(share * size)) as Region;
}

function worstOutside(first: string, second: string, region: Region): number {
  const [a, b] = [kept(first), kept(second)];
  const [left, top, right, bottom] = pixels(a, region);
  let worst = 0;
  for (let y = 0; y + BLOCK <= a.size; y += BLOCK) {
    for (let x = 0; x + BLOCK <= a.size; x += BLOCK) {
      const inside = x + BLOCK > left && x < right && y + BLOCK > top && y < bottom;
      if (!inside) worst = Math.max(worst, mean(a, b, x, y, x + BLOCK, y + BLOCK));
    }
  }
  return worst;
}

/** The column at which "like left before it, like right from it on" explains the picture best. */
function turn(picture: string, leftName: string, rightName: string, region: Region): number {
  const [p, l, r] = [kept(picture), kept(leftName), kept(rightName)];
  const [x0, y0, x1, y1] = pixels(p, region);
  let cost = 0;
  for (let x = x0; x < x1; x++) cost += mean(p, r, x, y0, x + 1, y1);
  let best = { cost, at: x0 };
  for (let x = x0; x < x1; x++) {
    cost += mean(p, l, x, y0, x + 1, y1) - mean(p, r, x, y0, x + 1, y1);
    if (cost < best.cost) best = { cost, at: x + 1 };
  }
  return best.at / p.size;
}

function show(first: string, second?: string): string {
  const a = kept(first);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = a.size;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(a.size, a.size);
  image.data.fill(255);
  for (let i = 0; i < a.size * a.size; i++) {
    for (let c = 0; c < 3; c++) {
      const level = a.levels[3 * i + c]!;
      image.data[4 * i + c] = second ? 8 * Math.abs(level - kept(second).levels[3 * i + c]!) : level;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}

(globalThis as { held?: Held }).held = {
  hold, release, take, worstOutside, turn, show,
  difference: (a, b, region) => mean(kept(a), kept(b), ...pixels(kept(a), region)),
};
