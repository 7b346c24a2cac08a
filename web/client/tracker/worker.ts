/**
 * Entry of the tracker's worker: frames in, wire-encoded landmarks out. One frame at a time, the newest wins. Performances
 * are played here too, because the timers of a page sleep where nobody sees it.
 */
import { nowMicros } from "../common/clock";
import { type PerformanceRecord, Player } from "../media/performance";
import { cellSide, drawMarker, readMarker } from "./marker";
import { Encoder, MAX_WIRE_SIZE } from "../wire/codec";
import { FLAG_LOST, FLAG_MARKER, newSample } from "../wire/sample";
import { chooseBackend } from "./backend";
import { Changes } from "./changes";
import type { FromTracker, ToTracker, TrackResult } from "./messages";
import type { Networks } from "./networks";
import { Outlet } from "./outlet";
import { type CameraFrame, PixelReader } from "./pixels";
import type { Pixels } from "./sampler";
import { FrameSource } from "./source";
import { Tracker } from "./tracker";

/** The few members of the worker's global scope in use; the DOM library describes the page's. */
const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToTracker>) => void) | null;
  postMessage(message: FromTracker, transfer?: Transferable[]): void;
};

/** Milliseconds between two samples that say "no face". */
const LOST_EVERY = 200;

interface Waiting {
  frame: CameraFrame;
  capture: number;
  /** Where it is the picture before, it is no news. */
  repeats: boolean;
}

const reader = new PixelReader();
const encoder = new Encoder();
const sample = newSample();
const changes = new Changes();
const outlet = new Outlet((message) => scope.postMessage(message));
const source = new FrameSource({
  onFrame: (frame, capture) => offer({ frame, capture, repeats: false }),
  onTick: () => {
    if (!busy && !waiting) scope.postMessage({ type: "tick" });
  },
  onFrameless: () => scope.postMessage({ type: "frameless" }),
});
const spareDatagrams: ArrayBuffer[] = [];
const spareBuffers: Float32Array[] = [];

let tracker: Tracker | null = null;
let loaded: Networks | null = null;
let waiting: Waiting | null = null;
let busy = false;
let skipped = 0;
let markerOn = false;
let markerCode = 0;
let lastLost = -Infinity;
/** Counts the stops: what was looked at before the last one is nobody's face any more. */
let stops = 0;
let player: Player | null = null;

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "load":
      void load(data.sources);
      break;
    case "stream":
      source.useStream(data.frames);
      break;
    case "track":
      source.useTrack(data.track);
      break;
    case "ticks":
      source.useTicks();
      break;
    case "frame":
      offer(data);
      break;
    case "stop":
      stop();
      break;
    case "channel":
      outlet.carry(data.channel, () => scope.postMessage({ type: "open" }));
      break;
    case "pause":
      outlet.setPaused(data.on);
      break;
    case "play":
      play(data.records);
      break;
    case "replay":
      player?.start();
      break;
    case "halt":
      halt();
      break;
    case "marker":
      markerOn = data.on;
      break;
    case "recycle":
      spareDatagrams.push(data.datagram);
      spareBuffers.push(data.points);
      break;
  }
};

async function load(sources: Parameters<typeof chooseBackend>[0]): Promise<void> {
  try {
    await chooseBackend(sources, (networks, ready) => {
      if (networks !== loaded) tracker = new Tracker(networks.detection, networks.landmarks);
      loaded = networks;
      scope.postMessage(ready);
      void work();
    });
  } catch (error) {
    scope.postMessage({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function stop(): void {
  stops++;
  source.stop();
  waiting?.frame.close();
  waiting = null;
  tracker?.reset();
}

function play(records: PerformanceRecord[]): void {
  halt();
  player = new Player(records, (datagram, capture) => {
    if (!outlet.send(datagram, capture, false)) scope.postMessage({ type: "due", datagram, capture }, [datagram.buffer]);
  });
  player.start();
}

function halt(): void {
  player?.stop();
  player = null;
}

function offer(next: Waiting): void {
  if (waiting) {
    waiting.frame.close();
    skipped++;
  }
  waiting = next;
  void work();
}

async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  while (waiting && tracker) {
    const next = waiting;
    waiting = null;
    try {
      await look(tracker, next);
    } catch (error) {
      scope.postMessage({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    } finally {
      next.frame.close();
    }
    await nextTask();
  }
  busy = false;
}

async function look(by: Tracker, { frame, capture, repeats }: Waiting): Promise<void> {
  const start = performance.now();
  const begun = stops;
  const picture = await reader.read(frame);
  if (repeats && !changes.sees(picture)) {
    scope.postMessage({ type: "unchanged" });
    return;
  }
  sample.flags = 0;
  sample.captureMicros = capture;
  const markerDrawn = markerOn ? mark(picture) : 0;
  const copied = performance.now();
  await by.track(picture, sample);
  if (begun !== stops) return;
  const datagram = spareDatagrams.pop() ?? new ArrayBuffer(MAX_WIRE_SIZE);
  const points = spareBuffers.pop() ?? new Float32Array(sample.points.length);
  points.set(sample.points);
  const lost = (sample.flags & FLAG_LOST) !== 0;
  const size = isDue(lost) ? encoder.encode(new DataView(datagram), sample) : 0;
  const sent = size > 0 && outlet.send(new Uint8Array(datagram, 0, size), capture, true);
  const result: TrackResult = {
    type: "result", datagram, points, size, sent,
    lost, score: sample.score, width: sample.width, height: sample.height,
    capture, done: nowMicros(),
    marker: sample.flags & FLAG_MARKER ? sample.marker : -1, markerDrawn,
    timings: { copy: copied - start, crop: by.timings.crop, network: by.timings.network },
    skipped, light: by.light,
  };
  skipped = 0;
  scope.postMessage(result, [datagram, points.buffer]);
}

/** That there is no face need not be said as often as where it is. */
function isDue(lost: boolean): boolean {
  const now = performance.now();
  if (lost && now - lastLost < LOST_EVERY) return false;
  if (lost) lastLost = now;
  return true;
}

/** Draws a new code into the captured picture and reads it back from there; returns when it was drawn, microseconds. */
function mark(picture: Pixels): number {
  markerCode = (markerCode + 1) & 0xffff;
  drawMarker(picture, markerCode);
  const drawn = nowMicros();
  const seen = readMarker(picture, cellSide(picture.width));
  if (seen >= 0) {
    sample.marker = seen;
    sample.flags |= FLAG_MARKER;
  }
  return drawn;
}

/** Lets frames that arrived meanwhile take the slot before the next one is taken out. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    taskDone = resolve;
    tasks.port2.postMessage(null);
  });
}

const tasks = new MessageChannel();
let taskDone: (() => void) | null = null;
tasks.port1.onmessage = () => taskDone?.();
