/** Entry of the tracker's worker: frames in, wire-encoded landmarks out. One frame at a time, the newest wins. */
import { FrameClock, nowMicros } from "../common/clock";
import { cellSide, drawMarker, readMarker } from "./marker";
import { Encoder, MAX_WIRE_SIZE } from "../wire/codec";
import { FLAG_LOST, FLAG_MARKER, newSample } from "../wire/sample";
import { chooseBackend } from "./backend";
import type { FromTracker, ToTracker, TrackResult } from "./messages";
import type { Networks } from "./networks";
import { type CameraFrame, PixelReader } from "./pixels";
import type { Pixels } from "./sampler";
import { Tracker } from "./tracker";

/** The few members of the worker's global scope in use; the DOM library describes the page's. */
const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToTracker>) => void) | null;
  postMessage(message: FromTracker, transfer?: Transferable[]): void;
};

interface Waiting {
  frame: CameraFrame;
  capture: number;
}

const reader = new PixelReader();
const encoder = new Encoder();
const sample = newSample();
const spareDatagrams: ArrayBuffer[] = [];
const spareBuffers: Float32Array[] = [];

let tracker: Tracker | null = null;
let loaded: Networks | null = null;
let waiting: Waiting | null = null;
let busy = false;
let skipped = 0;
let markerOn = false;
let markerCode = 0;
let stream: ReadableStreamDefaultReader<VideoFrame> | null = null;

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "load":
      void load(data.sources);
      break;
    case "stream":
      void drain(data.frames);
      break;
    case "frame":
      offer({ frame: data.frame, capture: data.capture });
      break;
    case "stop":
      stop();
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

/** Reads frames as fast as they come, so that none grows old in the stream. */
async function drain(frames: ReadableStream<VideoFrame>): Promise<void> {
  stop();
  const mine = frames.getReader();
  stream = mine;
  const clock = new FrameClock();
  for (;;) {
    const { value, done } = await mine.read();
    if (done) return;
    if (stream !== mine) {
      value.close();
      return;
    }
    offer({ frame: value, capture: clock.capture(value.timestamp, nowMicros()) });
  }
}

function stop(): void {
  void stream?.cancel();
  stream = null;
  waiting?.frame.close();
  waiting = null;
  tracker?.reset();
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
    const { frame, capture } = waiting;
    waiting = null;
    try {
      await look(tracker, frame, capture);
    } catch (error) {
      scope.postMessage({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    } finally {
      frame.close();
    }
    await nextTask();
  }
  busy = false;
}

async function look(by: Tracker, frame: CameraFrame, capture: number): Promise<void> {
  const start = performance.now();
  const picture = await reader.read(frame);
  sample.flags = 0;
  sample.captureMicros = capture;
  const markerDrawn = markerOn ? mark(picture) : 0;
  const copied = performance.now();
  await by.track(picture, sample);
  const datagram = spareDatagrams.pop() ?? new ArrayBuffer(MAX_WIRE_SIZE);
  const points = spareBuffers.pop() ?? new Float32Array(sample.points.length);
  points.set(sample.points);
  const result: TrackResult = {
    type: "result", datagram, points,
    size: encoder.encode(new DataView(datagram), sample),
    lost: (sample.flags & FLAG_LOST) !== 0, score: sample.score, width: sample.width, height: sample.height,
    capture, done: nowMicros(),
    marker: sample.flags & FLAG_MARKER ? sample.marker : -1, markerDrawn,
    timings: { copy: copied - start, crop: by.timings.crop, network: by.timings.network },
    skipped, light: by.light,
  };
  skipped = 0;
  scope.postMessage(result, [datagram, points.buffer]);
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
