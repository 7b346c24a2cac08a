/**
 * Runs inside the page under test: notes the mouth that was sent, grabs the portrait that was displayed, and tracks it
 * back with a tracker of its own once the camera is off, so that the measurement does not slow what it measures.
 */
import { AREA, cellSide, readMarker } from "../client/tracker/marker";
import { TrackerClient } from "../client/tracker/client";
import type { TrackResult } from "../client/tracker/messages";
import { newPixels } from "../client/tracker/sampler";
import { mouthOpening } from "../client/wire/sample";

/**
 * Times are those of the camera's picture, milliseconds: also for what came back, whose marker names that picture. The
 * times of the video element would not do: on a busy machine its callback comes when the next frame is already there.
 */
export interface Track {
  times: number[];
  mouths: number[];
}

export interface Probe {
  /**
   * Records until so many marked samples were sent and so many of the portrait's frames are kept, at least for so long
   * and at most three times as long; resolves to what was sent.
   */
  record(seconds: number, enough: number): Promise<Track>;
  /** Tracks the kept frames; frames without a face are left out. */
  trackBack(): Promise<Track>;
  /** Waits for a moment when the driver's mouth is nearly shut. */
  untilCalm(): Promise<void>;
  /** Mean colour of the displayed portrait. */
  colour(): [number, number, number];
}

const kept: ImageBitmap[] = [];
/** By marker: when the picture was captured, milliseconds. */
const captured = new Map<number, number>();

function video(): HTMLVideoElement {
  return document.querySelector<HTMLVideoElement>("#live")!;
}

const listeners = new Set<(result: TrackResult) => void>();

/** Calls back with each result of the page's tracker; returns how to stop. */
function listen(onResult: (result: TrackResult) => void): () => void {
  listeners.add(onResult);
  return () => listeners.delete(onResult);
}

function hook(): void {
  const { meter } = globalThis.gioconda;
  const original = meter.noteTracked.bind(meter);
  meter.noteTracked = (result) => {
    for (const listener of listeners) listener(result);
    original(result);
  };
}

async function record(seconds: number, enough: number): Promise<Track> {
  const sent: Track = { times: [], mouths: [] };
  const { gioconda } = globalThis;
  gioconda.setMarker(true);
  const stop = listen(({ lost, capture, points, marker }) => {
    if (lost || marker < 0) return;
    captured.set(marker, capture / 1000);
    sent.times.push(capture / 1000);
    sent.mouths.push(mouthOpening(points));
  });
  const begin = performance.now();
  const going = (): boolean => {
    const passed = (performance.now() - begin) / 1000;
    return passed < seconds || (passed < 3 * seconds && Math.min(sent.times.length, kept.length) < enough);
  };
  await new Promise<void>((resolve) => {
    const next = (): number => video().requestVideoFrameCallback(() => {
      void createImageBitmap(video()).then((picture) => kept.push(picture));
      if (going()) next();
      else resolve();
    });
    next();
  });
  stop();
  gioconda.setMarker(false);
  return sent;
}

async function trackBack(): Promise<Track> {
  const back: Track = { times: [], mouths: [] };
  let answer: (result: TrackResult | null) => void = () => undefined;
  const { assets } = globalThis.gioconda;
  const absolute = (path: string): string => new URL(path, document.baseURI).href;
  const tracker = await new Promise<TrackerClient>((resolve, reject) => {
    const client: TrackerClient = new TrackerClient(absolute(assets.tracker),
      { models: absolute("models/"), wasm: absolute(assets.wasm), webgpuWasm: absolute(assets.webgpuWasm) }, {
        onReady: () => resolve(client),
        onFailed: (message) => reject(new Error(message)),
        onResult: (result) => answer(result),
      });
    client.load();
  });
  for (const picture of kept.splice(0)) {
    const time = captured.get(codeIn(picture));
    if (time === undefined) continue;
    await new Promise<void>((resolve) => {
      answer = (result) => {
        if (result && !result.lost) {
          back.times.push(time);
          back.mouths.push(mouthOpening(result.points));
        }
        resolve();
      };
      tracker.offer(picture, time * 1000);
    });
  }
  tracker.close();
  return back;
}

/** The marker in the corner of a picture, -1 for none: it was drawn without a new sample. */
function codeIn(picture: ImageBitmap): number {
  const cell = cellSide(picture.width);
  const [width, height] = [AREA.columns * cell, AREA.rows * cell];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0);
  return readMarker(newPixels(width, height, context.getImageData(0, 0, width, height).data.buffer), cell);
}

function untilCalm(): Promise<void> {
  return new Promise((resolve) => {
    let calm = 0;
    const stop = listen(({ lost, points }) => {
      calm = !lost && mouthOpening(points) < 0.06 ? calm + 1 : 0;
      if (calm < 2) return;
      stop();
      resolve();
    });
    // Some clips never close the mouth: then any moment will do.
    setTimeout(() => {
      stop();
      resolve();
    }, 8000);
  });
}

function colour(): [number, number, number] {
  const context = new OffscreenCanvas(8, 8).getContext("2d")!;
  context.drawImage(video(), 0, 0, 8, 8);
  const { data } = context.getImageData(0, 0, 8, 8);
  const mean = (channel: number): number => data.filter((_, i) => i % 4 === channel).reduce((a, b) => a + b, 0) / 64;
  return [mean(0), mean(1), mean(2)];
}

hook();
(globalThis as { probe?: Probe }).probe = { record, trackBack, untilCalm, colour };
